"""The checks of the other tests can fail: each is seen to, on a session that was broken on purpose."""

from __future__ import annotations

import random

import pytest

from session import world
from session.chaos import endure, mess
from session.duet import perform, scene
from session.mutants import MUTANTS, Mutant

UNBREAKABLE = {
    # These bound what is kept of a reader that floods; `test_bounds` floods, the scenes here do not.
    "few messages wait",
    "few answers wait",
}


def fault_in(seed: int) -> str | None:
    """Play one scene against the model and one in chaos; return the name of the check that failed."""
    for play in (lambda: perform(*scene(random.Random(seed))), lambda: endure(*mess(random.Random(seed)))):
        try:
            play()
        except world.Violation as violation:
            return violation.name
    return None


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_broken_session_is_noticed(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutant.target, mutant.attribute, mutant.replacement)
    faults = set()
    for seed in range(400):
        faults.add(fault_in(seed))
        if mutant.noticed_by in faults:
            return
    pytest.fail(f"not noticed by {mutant.noticed_by!r}, only by {faults - {None}}")


def test_every_check_notices_a_mutant() -> None:
    for seed in range(60):
        assert fault_in(seed) is None
    assert world.CHECKED - {mutant.noticed_by for mutant in MUTANTS} == UNBREAKABLE
