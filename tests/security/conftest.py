"""The security tables: what was asked for, by whom, and what was answered, handed on with the test."""

from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from house import House, open_house

Rows = Sequence[Sequence[str]]


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await house.start()
        yield house


@pytest.fixture
def shown(request: pytest.FixtureRequest) -> Callable[[str, Rows], None]:
    """Takes a table, the heading first, that is printed at the end of the run."""

    def show(title: str, rows: Rows) -> None:
        # A property of the test travels with its report, whichever process ran it.
        request.node.user_properties.append(("table", (title, [list(row) for row in rows])))

    return show
