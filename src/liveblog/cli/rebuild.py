"""`liveblog rebuild`: the read models, made anew from the log or compared with it."""

import gc

import click

from liveblog.application.rebuilding import AnotherRebuild, NoSuchBlog, OtherRenderer, Rebuilder
from liveblog.cli.failure import Failure
from liveblog.cli.progress import progress
from liveblog.cli.running import run, settings
from liveblog.log.codec import UnknownEvent
from liveblog.main import open_store
from liveblog.settings import Settings

GARBAGE = 200_000
"""New objects between two collections: a piece of the log makes some ten thousand, each gone before the next piece, and
walking them again and again took a third of the time."""


@click.command()
@click.argument("slugs", nargs=-1, metavar="[SLUG]...")
@click.option("--check", is_flag=True, help="Compare what is stored with what the log makes of it; write nothing.")
@click.option("--render", is_flag=True, help="Render every text again; else those that were rendered once are taken.")
@click.option("--database-url", help="Where the log is (LIVEBLOG_DATABASE_URL).")
def rebuild(slugs: tuple[str, ...], *, check: bool, render: bool, database_url: str | None) -> None:
    """Make the read models anew from the log, for the blogs named or for all.

    It runs beside the server, and neither readers nor editors wait: a blog's new rows are made next to those in use and
    take their place in one moment. A release that renders texts otherwise asks for it in the server's log; the blogs'
    readers then begin anew under another edition. Interrupted, it leaves nothing that the next run does not clear away.
    Events are never touched.

    With --check the exit code is 1 if a blog differs, and its line says where first.
    """
    if check and render:
        raise click.UsageError("--check writes nothing: give --render alone")
    given = settings(database_url=database_url)
    gc.set_threshold(GARBAGE)
    try:
        run(_check(given, slugs) if check else _rebuild(given, slugs, anew=render))
    except NoSuchBlog as error:
        raise Failure(f"there is no blog {error}") from None
    except AnotherRebuild:
        raise Failure("another rebuild is at work on this database: wait for its end") from None
    except OtherRenderer as error:
        raise Failure(f"{error}: run liveblog rebuild") from None
    except UnknownEvent as error:
        raise Failure(f"the log holds what this release does not know ({error}): use that release") from None


async def _rebuild(given: Settings, slugs: tuple[str, ...], *, anew: bool) -> None:
    async with open_store(given) as store:
        rebuilder = Rebuilder(store.generations)
        blogs = await rebuilder.blogs(slugs)
        async with rebuilder.alone():
            for slug, head in blogs.items():
                with progress(f"rebuild {slug}", head) as told:
                    done = await rebuilder.rebuild(slug, told, anew=anew)
                new = "" if done.edition == done.edition_before else f", edition {done.edition}"
                click.echo(f"{slug}: rebuilt up to position {done.position}{new}")


async def _check(given: Settings, slugs: tuple[str, ...]) -> None:
    async with open_store(given) as store:
        rebuilder = Rebuilder(store.generations)
        differing = 0
        mending = "liveblog rebuild"
        for slug, head in (await rebuilder.blogs(slugs)).items():
            with progress(f"check {slug}", head) as told:
                found = await rebuilder.check(slug, told)
            if found is None:
                click.echo(f"{slug}: as the log says")
                continue
            differing += 1
            if found.table == "renderings":
                mending = "liveblog rebuild --render"
            what = f"{found.column} {found.what}" if found.column else found.what
            click.echo(f"{slug}: {found.table} at position {found.position}: {what}")
    if differing:
        raise Failure(f"{differing} of the blogs differ: run {mending}")
