"""Schemathesis finds nothing that differs from the OpenAPI document; `make fuzz` lets it look for longer."""

from collections.abc import AsyncIterator

import pytest

from contract.fuzzing import fuzz
from house import House, open_house

pytestmark = pytest.mark.anyio

_COSTLY = ("postCommands", "startBlog")
"""To cover every bound of every field of these takes a minute."""
_ALIKE = ("submitDraft", "returnDraft", "unscheduleDraft", "publishDraft", "leaveDeskInBeacon")
"""What these take, others take too."""
_LEFT_OUT = tuple(word for name in (*_COSTLY, *_ALIKE) for word in ("--exclude-operation-id", name))


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    async with open_house(sqlite_url) as house:
        await house.start()
        await house.publish(key_event=True)
        yield house


@pytest.mark.parametrize(
    "options",
    [("--phases", "examples,fuzzing,stateful"), ("--phases", "coverage", *_LEFT_OUT)],
    ids=["drawn", "bounds"],
)
async def test_schemathesis_finds_no_fault(house: House, options: tuple[str, ...]) -> None:
    fuzzed = await fuzz(house.address, house.editor, seed=1, examples=2, options=options)
    assert not fuzzed.failed, fuzzed.said
    assert "Tested: " in fuzzed.said
    assert " 0 generated" not in fuzzed.said
