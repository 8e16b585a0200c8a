"""`liveblog serve`: the server."""

import click

from liveblog import main
from liveblog.cli.running import run, settings


@click.command()
@click.option("--host", help="Address to listen on (LIVEBLOG_HOST; 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 lets the system choose (LIVEBLOG_PORT; 8000).")
@click.option("--database-url", help="Where the log is (LIVEBLOG_DATABASE_URL; sqlite:///liveblog.db).")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    help="How much to log, on standard error (LIVEBLOG_LOG_LEVEL; info).",
)
def serve(host: str | None, port: int | None, database_url: str | None, log_level: str | None) -> None:
    """Serve blogs to readers and editors.

    When it accepts, a line on standard error says where. SIGTERM lets readers go with their cursor and ends it.
    """
    run(main.serve(settings(host=host, port=port, database_url=database_url, log_level=log_level)))
