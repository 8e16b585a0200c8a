"""`liveblog verify`: whether a history is the one that was written."""

from pathlib import Path

import click

from liveblog.application.recording import LINE_BYTES, Reading, RecordingDamaged
from liveblog.application.verifying import verified
from liveblog.cli.failure import Failure
from liveblog.cli.progress import progress
from liveblog.cli.running import run, settings
from liveblog.log.proof import Unfit
from liveblog.main import open_store
from liveblog.settings import Settings


@click.command()
@click.argument("what", metavar="SLUG|RECORDING")
@click.option("--database-url", help="Where the log is (LIVEBLOG_DATABASE_URL).")
def verify(what: str, database_url: str | None) -> None:
    """Recompute the hash chain of a blog in the database, or of a recording.

    What names an existing file or has a slash in it is a recording, anything else the slug of a blog. The first
    position that does not fit is said, with the reason, and the exit code is 1.

    Of a blog everything is looked at that the chain covers, and the columns beside it; what is derived from the log
    is compared by "liveblog rebuild --check".
    """
    if "/" in what or Path(what).is_file():
        events, chained = _recording(Path(what))
        what = _called(Path(what))
    else:
        events, chained = run(_blog(settings(database_url=database_url), what))
    click.echo(f"{what}: {events} events fit; the hash of the last is {chained}")


def _recording(path: Path) -> tuple[int, str]:
    try:
        with path.open("rb") as file:
            reading = Reading(file.readline(LINE_BYTES))
            head = reading.header.head
            with progress("verifying", head) as told:
                while line := file.readline(LINE_BYTES):
                    told(reading.take(line).envelope.position)
            reading.finish()
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}") from None
    except RecordingDamaged as damaged:
        raise Failure(f"{_called(path)}: {damaged}") from None
    return head, reading.header.hash


def _called(path: Path) -> str:
    """The recording as it was named; where a blog could be called that too, it says which of the two was read."""
    return str(path) if path.suffix or len(path.parts) > 1 else f"the file {path}"


async def _blog(given: Settings, slug: str) -> tuple[int, str]:
    async with open_store(given) as store:
        blog = await store.evidence.blog(slug)
        if blog is None:
            raise Failure(f"there is no blog {slug}, and no file of that name")
        try:
            with progress("verifying", blog.last) as told:
                async for record in verified(store.evidence, blog):
                    told(record.envelope.position)
        except Unfit as unfit:
            raise Failure(f"{slug}: {unfit}") from None
        return blog.position, blog.hash.hex()
