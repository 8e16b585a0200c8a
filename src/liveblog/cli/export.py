"""`liveblog export`: a blog's whole log as a recording."""

import sys
from pathlib import Path

import click

from liveblog.application import recording
from liveblog.cli.failure import Failure
from liveblog.cli.running import run, settings
from liveblog.log.record import Record
from liveblog.main import open_store
from liveblog.settings import Settings

_PAGE = 1_000


@click.command()
@click.argument("slug")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; else standard output.")
@click.option("--database-url", help="Where the log is (LIVEBLOG_DATABASE_URL).")
def export(slug: str, output: Path | None, database_url: str | None) -> None:
    """Write SLUG's whole log as a recording (JSON lines), the same bytes from every copy."""
    blog_id, records = run(_records(settings(database_url=database_url), slug))
    data = b"".join(recording.write(slug, blog_id, records))
    if output is None:
        sys.stdout.buffer.write(data)
    else:
        output.write_bytes(data)
        click.echo(f"{output}: {len(records)} events", err=True)


async def _records(given: Settings, slug: str) -> tuple[str, list[Record]]:
    async with open_store(given) as store:
        head = await store.event_log.head(slug)
        if head is None:
            raise Failure(f"there is no blog {slug}")
        records: list[Record] = []
        while len(records) < head.position:
            page = await store.event_log.read(head.blog_id, len(records), min(_PAGE, head.position - len(records)))
            records.extend(each.record for each in page)
        return head.blog_id, records
