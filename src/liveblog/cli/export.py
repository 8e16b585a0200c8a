"""`liveblog export`: a blog's whole log as a recording."""

import sys
from pathlib import Path
from typing import BinaryIO

import click

from liveblog.application.exporting import recording_of
from liveblog.cli.failure import Failure
from liveblog.cli.progress import progress
from liveblog.cli.running import run, settings
from liveblog.log.proof import Unfit
from liveblog.main import open_store
from liveblog.settings import Settings


@click.command()
@click.argument("slug")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; else standard output.")
@click.option("--database-url", help="Where the log is (LIVEBLOG_DATABASE_URL).")
def export(slug: str, output: Path | None, database_url: str | None) -> None:
    """Write SLUG's whole log as a recording (JSON lines), the same bytes from every copy.

    It is verified on the way: a log that was changed gives no recording. A file appears when it is whole.
    """
    given = settings(database_url=database_url)
    if output is None:
        run(_write(given, slug, sys.stdout.buffer))
        sys.stdout.buffer.flush()
        return
    unfinished = output.with_name(f"{output.name}.part")
    try:
        with unfinished.open("wb") as file:
            events = run(_write(given, slug, file))
        unfinished.replace(output)
    except OSError as error:
        raise Failure(f"cannot write {output}: {error.strerror}") from None
    finally:
        unfinished.unlink(missing_ok=True)
    click.echo(f"{output}: {events} events", err=True)


async def _write(given: Settings, slug: str, file: BinaryIO) -> int:
    async with open_store(given) as store:
        blog = await store.evidence.blog(slug)
        if blog is None:
            raise Failure(f"there is no blog {slug}")
        lines = 0
        try:
            with progress("exporting", blog.last) as told:
                async for line in recording_of(store.evidence, blog):
                    file.write(line)
                    lines += 1
                    told(lines - 1)
        except Unfit as unfit:
            raise Failure(f"{slug}: {unfit}") from None
        return lines - 1
