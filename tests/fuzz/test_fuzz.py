"""A short run of every fuzzer, the same each time; `make fuzz` goes on for longer and elsewhere."""

from pathlib import Path

import pytest

from fuzz import campaign, network
from fuzz.mutation import MOST, case_of
from fuzz.target import Target
from fuzz.targets import PURE

pytestmark = pytest.mark.anyio
SEED = 1
CASES = {"text": 250, "coverage": 250, "recording": 400, "forged-recording": 400, "markup": 500}
"""Cases of the targets that take longer over one; the others take 1,500."""


async def check(target: Target, cases: int) -> None:
    outcome = await campaign.run(target, SEED, cases=cases)
    assert [(failure.number, failure.story) for failure in outcome.failures] == []
    assert outcome.cases == cases
    assert 0 < outcome.accepted <= cases, "some cases get through, or nothing behind the first check is tried"


@pytest.mark.parametrize("name", PURE)
async def test_nothing_but_refusals_comes_of_bad_input(name: str) -> None:
    await check(PURE[name], CASES.get(name, 1_500))


@pytest.mark.parametrize("name", ["bodies", "requests", "frames"])
async def test_the_server_answers_or_closes_and_lives_on(name: str, sqlite_url: str) -> None:
    async with network.opened(sqlite_url) as newsroom:
        (target,) = (each for each in newsroom.targets() if each.name == name)
        await check(target, 250)


@pytest.mark.parametrize("name", PURE)
async def test_every_sample_is_valid_and_the_cases_of_a_seed_are_the_same_again(name: str) -> None:
    target = PURE[name]
    accepted = [await target.take(sample) for sample in target.samples]
    # A page may need to be told when it started, which is drawn from its bytes.
    assert any(accepted) if name == "text" else all(accepted)
    cases = [case_of(target, SEED, number) for number in range(40)]
    assert cases == [case_of(target, SEED, number) for number in range(40)]
    assert cases != [case_of(target, SEED + 1, number) for number in range(40)]
    assert len(set(cases)) > 20
    assert max(map(len, cases)) <= MOST


async def test_a_defect_is_found_kept_and_found_again(tmp_path: Path) -> None:
    async def fragile(data: bytes) -> bool:
        if b"\x00" in data:
            raise KeyError("a defect")
        return True

    target = Target("fragile", (b"sound",), (b"\x00",), fragile)
    outcome = await campaign.run(target, SEED, cases=5_000)
    assert len(outcome.failures) == 5, "it gives up when it has seen enough"
    assert outcome.cases < 5_000
    for failure, path in zip(outcome.failures, campaign.save(outcome, tmp_path), strict=True):
        assert path.read_bytes() == failure.data == case_of(target, SEED, failure.number)
        assert "KeyError: 'a defect'" in path.with_name(path.name + ".txt").read_text()
        again = await campaign.run(target, SEED, cases=1, first=failure.number)
        assert [each.data for each in again.failures] == [failure.data]
