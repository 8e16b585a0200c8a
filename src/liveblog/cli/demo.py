"""`liveblog demo`: everything at once, on a database that is thrown away."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import resources
from pathlib import Path

import click

from liveblog import main
from liveblog.application.access import digest_of, new_secret
from liveblog.application.desk import Desk
from liveblog.application.importing.script import Script
from liveblog.application.importing.sources import Options, Source, understand
from liveblog.application.rehearsal import rehearse
from liveblog.application.tokens import Token
from liveblog.cli.running import run, settings
from liveblog.domain.actor import Actor, Role
from liveblog.settings import Settings
from liveblog.storage import migrate as schema
from liveblog.web.logs import configure_logging

_PAUSE_S = 10.0
"""Between two showings of the night, in seconds."""


@click.command()
@click.option("--host", help="Address to listen on (LIVEBLOG_HOST; 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 lets the system choose (LIVEBLOG_PORT; 8000).")
@click.option(
    "--rate",
    type=click.FloatRange(0.1, 1000),
    default=60,
    show_default=True,
    help="How fast the night is posted again, as if it were live: its seconds per second.",
)
def demo(host: str | None, port: int | None, rate: float) -> None:
    """Serve the coverage in seeds/, and post one night of it again and again as if it were live.

    The database is a temporary one and goes when the demo ends.
    """
    configure_logging("error")
    with tempfile.TemporaryDirectory(prefix="liveblog-demo-") as folder:
        given = settings(host=host, port=port, database_url=f"sqlite:///{Path(folder) / 'demo.db'}")
        schema.upgrade(given.database_url)
        run(_demonstrate(given, seeds(), rate))


def seeds() -> list[Source]:
    """The coverage that comes with the package, or with the repository it runs from."""
    installed = Path(str(resources.files("liveblog"))) / "_seeds"
    folder = installed if installed.is_dir() else Path(main.__file__).parents[2] / "seeds"
    paths = sorted(folder.glob("*.txt"))
    return [understand(path.name, path.read_bytes(), Options(format="coverage")) for path in paths]


async def _demonstrate(given: Settings, sources: list[Source], rate: float) -> None:
    secret = new_secret()
    async with main.open_store(given) as store:
        await store.importer.bring_in(sources)
        actor = Actor("demo-editor", "Demo Editor", Role.EDITOR)
        made = Token(id="demo", actor=actor, blogs=None, created_at=main.wall())
        await store.tokens.create(made, digest_of(secret))
        async with main.serving(given, store) as services, _live(services.desk, sources, rate) as slug:
            await main.listen(given, services, lambda address: _introduce(address, sources, slug, secret))


@asynccontextmanager
async def _live(desk: Desk, sources: list[Source], rate: float) -> AsyncIterator[str]:
    """Post the longest coverage as if it were live, for as long as the demo runs."""
    script = max(
        (each.content for each in sources if isinstance(each.content, Script)), key=lambda each: len(each.steps)
    )
    slug = "tonight"

    async def keep_posting() -> None:
        showing = 0
        while True:
            showing += 1
            name = slug if showing == 1 else f"{slug}-{showing}"
            if showing > 1:
                click.echo(f"the night begins again as {name}")
            await rehearse(desk, script, name, rate, lambda _: None)
            await asyncio.sleep(_PAUSE_S)

    posting = asyncio.create_task(keep_posting())
    try:
        yield slug
    finally:
        posting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await posting


def _introduce(address: str, sources: list[Source], live: str, secret: str) -> None:
    streams = address.replace("http", "ws", 1)
    lines = [f"liveblog demo at {address}", "", "In a browser:", f"  {address}/", f"  {address}/{live}"]
    lines += ["", "Coverage of one night, to read and to replay:"]
    for source in sources:
        lines += [
            f"  {address}/{source.slug}",
            f"  {address}/v1/blogs/{source.slug}",
            f"  {streams}/v1/blogs/{source.slug}/stream?from=start&rate=600",
        ]
    first = sources[-1].slug
    lines += [
        "",
        "The same night as if it were live:",
        f"  {streams}/v1/blogs/{live}/stream?from=start",
        "",
        "Watch it, at any speed:",
        f"  python -m websockets '{streams}/v1/blogs/{first}/stream?from=start&rate=600'",
        f"  liveblog watch {address}/v1/blogs/{live}",
        "",
        "Post to it, as an editor:",
        f"  export LIVEBLOG_SERVER={address} LIVEBLOG_TOKEN={secret}",
        f"  liveblog post {live} 'The first words of a new entry.' --headline 'From the desk'",
        "",
        "Ctrl-C ends the demo; its database goes with it.",
    ]
    click.echo("\n".join(lines))
