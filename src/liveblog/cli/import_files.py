"""`liveblog import`: coverage that exists as files."""

import re
from pathlib import Path
from typing import Any

import click

from liveblog.application.importer import Imported
from liveblog.application.importing.script import ImportRefused, Script
from liveblog.application.importing.sources import Options, Source, understand
from liveblog.application.recording import Recording
from liveblog.cli.checking import checked
from liveblog.cli.failure import Failure
from liveblog.cli.progress import progress
from liveblog.cli.running import run, settings
from liveblog.domain import instant
from liveblog.domain.text import Slug
from liveblog.main import open_store, rehearse
from liveblog.settings import Settings

_UNITS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "": 60_000}


class Duration(click.ParamType[int]):
    """A duration in milliseconds: 90s, 5m, 1h; a plain number is minutes."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it."""
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"([0-9]{1,6})(s|m|h|)", value)
        if match is None or int(match[1]) == 0:
            self.fail("expected a duration such as 90s, 5m or 1h (a plain number is minutes)", param, ctx)
        return int(match[1]) * _UNITS[match[2]]


class Instant(click.ParamType[int]):
    """An RFC 3339 time, in milliseconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it."""
        try:
            return instant.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "kind", type=click.Choice(["auto", "text", "coverage", "recording"]), default="auto")
@click.option(
    "--slug", callback=checked(Slug), help="The blog's address, where the file's own is not wanted (one file only)."
)
@click.option("--start", type=Instant(), help="When the coverage began, where a text does not say (RFC 3339).")
@click.option("--interval", type=Duration(), default="5m", show_default=True, help="Time between a text's entries.")
@click.option("--time-zone", help="The blog's time zone (IANA), in which a text's times of day are read.")
@click.option("--dry-run", is_flag=True, help="Say what would be imported, and import nothing.")
@click.option("--database-url", help="Where the log is (LIVEBLOG_DATABASE_URL).")
def import_files(files: tuple[Path, ...], kind: str, dry_run: bool, database_url: str | None, **given: Any) -> None:
    """Import coverage from FILES, all of them or nothing.

    A plain-text page, a coverage in our own format, or a recording. The same file again adds nothing.
    """
    if given["slug"] is not None and len(files) > 1:
        raise click.UsageError("--slug names one blog: import one file at a time with it")
    options = Options(
        format=kind,  # type: ignore[arg-type] # one of the choices
        slug=given["slug"],
        start=given["start"],
        interval_ms=given["interval"],
        time_zone=given["time_zone"],
    )
    with progress("import", len(files)) as told:
        sources = []
        for number, path in enumerate(files):
            told(number, f"reading {path.name}")
            sources.append(_understand(path, options))
        told(len(files), "all read, checking" if dry_run else "all read, writing")
        try:
            done = run(_import(settings(database_url=database_url), sources, dry_run=dry_run))
        except ImportRefused as refused:
            raise Failure(_one_line(refused)) from None
    for source, imported in zip(sources, done, strict=True):
        _report(source, imported, dry_run=dry_run)


async def _import(given: Settings, sources: list[Source], *, dry_run: bool) -> list[Imported]:
    if dry_run:
        return await rehearse(sources)
    async with open_store(given) as store:
        return await store.importer.bring_in(sources)


def _understand(path: Path, options: Options) -> Source:
    try:
        return understand(str(path), path.read_bytes(), options)
    except OSError as error:
        raise Failure(f"cannot read {path}: {error.strerror}") from None
    except ImportRefused as refused:
        raise Failure(f"{path}: {_one_line(refused)}") from None


def _one_line(refused: ImportRefused) -> str:
    return "; ".join(str(refused).splitlines())


def _report(source: Source, imported: Imported, *, dry_run: bool) -> None:
    click.echo(f"{source.name}: {source.format}, blog {imported.slug}")
    if isinstance(source.content, Script):
        _describe(source.content)
    elif isinstance(source.content, Recording):
        click.echo(f"  a recording of {source.content.header.head} events, verified")
    if dry_run:
        click.echo(f"  would add {imported.added} events; nothing was imported")
    elif imported.added:
        first = imported.position - imported.added + 1
        click.echo(f"  added {imported.added} events: positions {first} to {imported.position}")
    else:
        click.echo("  imported before: nothing added")


def _describe(script: Script) -> None:
    blog = script.blog
    names = ", ".join(each["name"] for each in blog.get("contributors") or ())
    began = instant.show(script.started) + (" (estimated)" if script.started_estimated else "")
    click.echo(f"  headline: {blog['headline']}")
    click.echo(f"  began {began}; by {names or 'nobody named'}; {len(blog.get('links') or ())} related links")
    for step in script.steps:
        if step.command["type"] == "publish_entry":
            flags = [name for name in ("breaking", "pinned", "key_event") if step.command.get(name)]
            shown = step.command.get("headline") or step.command.get("question") or ""
            estimated = "~" if step.at_estimated else " "
            marks = f" [{', '.join(flags)}]" if flags else ""
            click.echo(f"  {estimated}{instant.show(step.at)}  {step.command.get('kind', 'update')}: {shown}{marks}")
    for note in script.notes:
        click.echo(f"  line {note.line}: {note.text}")
