"""The security tables: what was asked for, by whom, and what was answered, printed after the tests."""

from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from house import House, open_house

Rows = Sequence[Sequence[str]]
_SHOWN = pytest.StashKey[dict[str, Rows]]()


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await house.start()
        yield house


@pytest.fixture
def shown(request: pytest.FixtureRequest) -> Callable[[str, Rows], None]:
    """Takes a table, the heading first, that is printed at the end of the run."""

    def show(title: str, rows: Rows) -> None:
        request.config.stash.setdefault(_SHOWN, {})[title] = rows

    return show


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for title, rows in config.stash.get(_SHOWN, {}).items():
        terminalreporter.section(title, sep="-")
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            terminalreporter.write_line("  ".join(cells).rstrip())
