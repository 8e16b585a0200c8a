"""`liveblog epoch`: which copy of a log this is."""

import click

from liveblog.cli.failure import Failure
from liveblog.cli.running import run, settings
from liveblog.main import open_store
from liveblog.settings import Settings
from liveblog.storage.epochs import Renewed


@click.group()
def epoch() -> None:
    """Say that a log is another copy than the one its readers know."""


@epoch.command()
@click.argument("slug", required=False)
@click.option("--all", "every", is_flag=True, help="Every blog of the database.")
@click.option("--database-url", help="Where the log is (LIVEBLOG_DATABASE_URL).")
def renew(slug: str | None, every: bool, database_url: str | None) -> None:
    """Give SLUG a new epoch, after its log was restored from a backup.

    The log may then go on otherwise than readers have seen it go on, who would not notice: with a new epoch they are
    told, and read the blog again. A running server follows at once.
    """
    if (slug is None) is not every:
        raise click.UsageError("name one blog, or give --all")
    renewed = run(_renew(settings(database_url=database_url), slug))
    if slug is not None and not renewed:
        raise Failure(f"there is no blog {slug}")
    for each in renewed:
        click.echo(f"{each.slug}: epoch {each.epoch} from position {each.position} on")


async def _renew(given: Settings, slug: str | None) -> list[Renewed]:
    async with open_store(given) as store:
        return await store.epochs.renew(slug, "asked for")
