"""`liveblog migrate`: the schema."""

import click

from liveblog.cli.failure import Failure
from liveblog.cli.running import settings
from liveblog.log.request import LogUnavailable
from liveblog.storage import migrate as schema
from liveblog.storage.opening import BadDatabaseUrl, MissingDriver
from liveblog.storage.schema import SchemaOutdated


@click.command()
@click.option("--database-url", help="Where the log is (LIVEBLOG_DATABASE_URL).")
def migrate(database_url: str | None) -> None:
    """Bring the database's schema up to date."""
    url = settings(database_url=database_url).database_url
    try:
        before = _current(url)
        schema.upgrade(url)
    except (LogUnavailable, BadDatabaseUrl, MissingDriver) as error:
        raise Failure(str(error)) from None
    now = schema.current(url)
    click.echo(f"already at {now}" if before == now else f"migrated from {before or 'nothing'} to {now}")


def _current(url: str) -> str | None:
    try:
        return schema.current(url)
    except SchemaOutdated:  # no file yet
        return None
