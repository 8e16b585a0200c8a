"""`liveblog token`: who may post."""

from typing import Annotated
from uuid import uuid4

import click
from msgspec import Meta

from liveblog.application.access import actor_id_for, digest_of, new_secret
from liveblog.application.tokens import Token
from liveblog.cli.checking import checked
from liveblog.cli.failure import Failure
from liveblog.cli.running import run, settings
from liveblog.domain import instant
from liveblog.domain.actor import Actor, Role
from liveblog.domain.text import Name, Slug
from liveblog.main import open_store, wall
from liveblog.settings import Settings

_ActorId = Annotated[str, Meta(pattern=r"\A[a-z0-9][a-z0-9:._-]{0,63}\Z")]
"""1 to 64 of a-z, 0-9 and ``:._-``."""


@click.group()
def token() -> None:
    """Make, list and revoke the tokens of editors."""


@token.command()
@click.option("--name", required=True, callback=checked(Name), help="The actor's public name, which readers see.")
@click.option(
    "--actor",
    callback=checked(_ActorId),
    help="The actor's id; a person keeps it from token to token (default: made of the name).",
)
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.EDITOR.value, show_default=True)
@click.option(
    "--blog",
    "blogs",
    multiple=True,
    callback=checked(tuple[Slug, ...]),
    help="Limit the token to this blog; may be repeated.",
)
@click.option("--database-url", help="Where the log is (LIVEBLOG_DATABASE_URL).")
def create(name: str, actor: str | None, role: str, blogs: tuple[str, ...], database_url: str | None) -> None:
    """Make a token and print it, alone, on standard output. It is shown this once and not kept."""
    secret = new_secret()
    made = Token(
        id=str(uuid4()),
        actor=Actor(actor or actor_id_for(name), name, Role(role)),
        blogs=blogs or None,
        created_at=wall(),
    )
    run(_create(settings(database_url=database_url), made, secret))
    click.echo(secret)


@token.command(name="list")
@click.option("--database-url", help="Where the log is (LIVEBLOG_DATABASE_URL).")
def show(database_url: str | None) -> None:
    """List the tokens: id, actor, role, blogs, and whether it still holds."""
    for each in run(_all(settings(database_url=database_url))):
        state = "valid" if each.revoked_at is None else f"revoked {instant.show(each.revoked_at)}"
        blogs = ",".join(each.blogs) if each.blogs else "every blog"
        click.echo(f"{each.id}  {each.actor.id} ({each.actor.name})  {each.actor.role}  {blogs}  {state}")


@token.command()
@click.argument("token_id")
@click.option("--database-url", help="Where the log is (LIVEBLOG_DATABASE_URL).")
def revoke(token_id: str, database_url: str | None) -> None:
    """Revoke a token, by the id that `liveblog token list` shows."""
    if not run(_revoke(settings(database_url=database_url), token_id)):
        raise Failure(f"there is no valid token {token_id}: see liveblog token list")
    click.echo("revoked")


async def _create(given: Settings, made: Token, secret: str) -> None:
    async with open_store(given) as store:
        await store.tokens.create(made, digest_of(secret))


async def _all(given: Settings) -> list[Token]:
    async with open_store(given) as store:
        return await store.tokens.all()


async def _revoke(given: Settings, token_id: str) -> bool:
    async with open_store(given) as store:
        return await store.tokens.revoke(token_id, wall())
