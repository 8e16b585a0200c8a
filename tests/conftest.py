"""Fixtures for every test: the event loop's flavour, and fresh databases of both kinds."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

# The asserts of these modules say what they compared, as those of the tests themselves do.
pytest.register_assert_rewrite("domain", "log", "storage", "session", "replay", "cli", "house", "browser")

from liveblog.storage import migrate  # noqa: E402  (after the line above)
from postgres import Postgres  # noqa: E402  (as above)


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    return "asyncio", {"use_uvloop": False}


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres.started() as server:
        yield server


@pytest.fixture
def empty_postgres_url(postgres: Postgres) -> Iterator[str]:
    """A PostgreSQL database without tables."""
    with postgres.database() as url:
        yield url


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A PostgreSQL database at the newest schema."""
    with postgres.database(template=postgres.migrated()) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that is not there yet."""
    return f"sqlite:///{tmp_path / 'blog.db'}"


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """A SQLite file at the newest schema."""
    shutil.copy(sqlite_template, tmp_path / "blog.db")
    return f"sqlite:///{tmp_path / 'blog.db'}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables that tests made: what was asked for, by whom, and what was answered."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name != "table":
                continue
            title, rows = value
            terminalreporter.section(title, sep="-")
            widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
            for row in rows:
                cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
                terminalreporter.write_line("  ".join(cells).rstrip())
