"""`liveblog replay`: a recorded night again, as if it were now."""

from pathlib import Path

import click

from liveblog.application import recording as recordings
from liveblog.application.recording import Recording, RecordingDamaged
from liveblog.cli.address import Address
from liveblog.cli.admin import Admin
from liveblog.cli.checking import checked
from liveblog.cli.connection import server_address, token_option
from liveblog.cli.credentials import token
from liveblog.cli.failure import Failure
from liveblog.cli.progress import progress
from liveblog.cli.rate import Rate
from liveblog.cli.replaying import Pace, Replay
from liveblog.domain.text import Slug
from liveblog.log.codec import UnknownEvent

_TRIES = 40
"""Some three minutes of a server that is away."""


@click.command()
@click.argument("recording", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", "server", envvar="LIVEBLOG_SERVER", required=True, metavar="URL", help="The running server.")
@click.option("--slug", callback=checked(Slug), help="The new blog's address.  [default: the recording's]")
@click.option(
    "--rate",
    type=Rate(),
    default="1",
    show_default=True,
    help="Seconds of the recording per second, 0.1 to 1000; or instant, for load.",
)
@click.option("--max-gap", type=click.FloatRange(min=0), metavar="SECONDS", help="Shorten longer silences to this.")
@click.option("--original-times", is_flag=True, help="Let entries show the times of that night, not of this one.")
@token_option
def replay(
    *,
    recording: Path,
    server: str,
    slug: str | None,
    rate: str,
    max_gap: float | None,
    original_times: bool,
    token_file: Path | None,
) -> None:
    """Post a RECORDING to a running server, as if its night were now: to rehearse, or for load.

    It starts a blog of its own. Interrupted, it goes on from there when the same command is run again; nothing is
    posted twice. The token (LIVEBLOG_TOKEN) must be one that may start blogs, and the same each time.
    """
    admin = Admin(token(token_file), tries=_TRIES)
    read = _read(recording)
    address = Address(server_address(server), slug or read.header.slug, {})
    pace = Pace(rate=None if rate == "instant" else float(rate), max_gap_s=max_gap)
    with admin, progress(f"replay {address.slug}", read.header.head) as told:
        try:
            work = Replay(read, address, admin, pace, original_times=original_times, told=told)
        except (UnknownEvent, ValueError) as error:
            raise Failure(f"{recording}: {error}") from None
        try:
            done = work.run()
        except KeyboardInterrupt:
            click.echo(
                f"interrupted after event {work.position} of {read.header.head}: run it again to go on", err=True
            )
            raise
    before = f", {done.repeated} of them before" if done.repeated else ""
    click.echo(f"{address.blog}: {done.events} events in {done.posted + done.repeated} requests{before}")


def _read(path: Path) -> Recording:
    try:
        return recordings.read(path.read_bytes())
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}") from None
    except RecordingDamaged as error:
        raise Failure(f"{path}: {error}") from None
