"""Migrations make exactly the tables that the code works on, on both databases, and can be taken back."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.engine.default import DefaultDialect

from liveblog.storage import migrate
from liveblog.storage.opening import connect, open_database
from liveblog.storage.schema import HEAD, SchemaOutdated, require_current, revision
from liveblog.storage.tables import metadata

ROOT = Path(__file__).parents[2]


def look(url: str, work: Callable[[Connection], Any]) -> Any:
    """Read from a database."""

    async def run() -> Any:
        database = await connect(url)
        try:
            return await database.read(work)
        finally:
            await database.close()

    return anyio.run(run)


def names(connection: Connection) -> set[str]:
    return set(sa.inspect(connection).get_table_names())


def test_tables_and_migrations_agree(url: str) -> None:
    """Types, nullability, keys, unique constraints, indexes and foreign keys, as Alembic compares them."""

    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))

    assert look(url, differences) == []


def test_the_comparison_sees_a_difference(url: str) -> None:
    def differences(connection: Connection) -> list[Any]:
        other = sa.MetaData(naming_convention=metadata.naming_convention)
        for table in metadata.sorted_tables:
            table.to_metadata(other)
        other.tables["events"].append_column(sa.Column("more", sa.Text))
        sa.Index(None, other.tables["counts"].c.entries)
        return [difference[0] for difference in compare_metadata(MigrationContext.configure(connection), other)]

    assert sorted(look(url, differences)) == ["add_column", "add_index"]


def test_everything_in_the_schema_has_the_name_that_the_tables_give_it(url: str) -> None:
    """What the comparison does not look at: names of primary keys, and checks."""

    def named(connection: Connection) -> set[str]:
        inspector = sa.inspect(connection)
        found: set[str] = set()
        for table in metadata.tables:
            keys: list[Any] = [inspector.get_pk_constraint(table), *inspector.get_unique_constraints(table)]
            keys += [*inspector.get_foreign_keys(table), *inspector.get_check_constraints(table)]
            assert all(key["name"] for key in keys), table
            found |= {str(key["name"]) for key in keys}
        return found

    formed = {_name(constraint) for table in metadata.sorted_tables for constraint in table.constraints}
    assert look(url, named) == formed


def _name(constraint: sa.Constraint) -> str:
    """A constraint's name, the convention applied."""
    return str(DefaultDialect().identifier_preparer.format_constraint(constraint))


def test_up_down_and_up_again(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    assert migrate.current(empty_url) == HEAD
    made = look(empty_url, names)
    assert made == {*metadata.tables, "alembic_version"}
    migrate.downgrade(empty_url, "base")
    assert migrate.current(empty_url) is None
    assert look(empty_url, names) == {"alembic_version"}
    migrate.upgrade(empty_url)
    assert look(empty_url, names) == made
    assert look(empty_url, lambda connection: connection.scalar(sa.text("SELECT log_position FROM log_head"))) == 0


def test_an_upgrade_of_what_is_current_changes_nothing(url: str) -> None:
    look(url, lambda connection: connection.scalar(sa.text("SELECT count(*) FROM log_head")))
    migrate.upgrade(url)
    migrate.upgrade(url)
    assert migrate.current(url) == HEAD


def test_the_newest_revision_is_the_one_that_the_code_names() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]
    assert migrate.scripts() == ROOT / "migrations"


def test_the_schema_is_checked_without_loading_what_migrates(sqlite_url: str) -> None:
    """Loading it takes longer than starting a server may."""
    script = (
        "import sys, anyio\n"
        "from liveblog.storage.opening import open_database\n"
        "from liveblog.storage import migrate\n"
        "async def main():\n"
        f"    await (await open_database({sqlite_url!r})).close()\n"
        "anyio.run(main)\n"
        f"migrate.upgrade({sqlite_url!r})\n"
        "sys.exit('alembic' in sys.modules or 'asyncpg' in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


@pytest.mark.anyio
async def test_a_database_at_another_schema_is_not_opened(url: str) -> None:
    database = await connect(url)
    await database.read(require_current)
    await database.write(lambda connection: connection.execute(sa.text("UPDATE alembic_version SET version_num = 'x'")))
    assert await database.read(revision) == "x"
    await database.close()
    with pytest.raises(SchemaOutdated, match=rf"at schema x, this release works on {HEAD}: run liveblog migrate$"):
        await open_database(url)


@pytest.mark.anyio
async def test_an_empty_database_is_not_opened(empty_url: str) -> None:
    with pytest.raises(SchemaOutdated, match=r"run liveblog migrate$"):
        await open_database(empty_url)


def test_opening_what_is_not_there_makes_no_file(empty_sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(SchemaOutdated, match="there is no database file"):
        migrate.current(empty_sqlite_url)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.anyio
async def test_two_that_migrate_at_once_wait_for_each_other(empty_url: str) -> None:
    async def upgrade() -> None:
        await anyio.to_thread.run_sync(migrate.upgrade, empty_url)

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(upgrade)
    await (await open_database(empty_url)).close()


def test_a_migration_that_fails_leaves_nothing(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are made in one transaction, on SQLite too."""
    monkeypatch.setattr(migrate, "revision", lambda _: None)
    migrate.upgrade(empty_url)
    migrate.downgrade(empty_url, "base")

    def spoil(connection: Connection) -> None:
        connection.execute(sa.text("CREATE TABLE audit (spoilt TEXT)"))

    async def run() -> None:
        database = await connect(empty_url)
        await database.write(spoil)
        await database.close()

    anyio.run(run)
    with pytest.raises(sa.exc.DBAPIError, match="audit"):
        migrate.upgrade(empty_url)
    assert look(empty_url, names) == {"alembic_version", "audit"}
