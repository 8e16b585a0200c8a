"""The benchmarks run: small sizes, no figure is judged."""

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from benchmarks.goals import Goal, at_least, at_most, table

ROOT = Path(__file__).parents[1]


def benchmarks(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_the_subjects_named_are_measured() -> None:
    """One subject runs in the process, the other on a server of its own; each prints a ratio to its baseline."""
    done = benchmarks("--quick", "folding", "endpoint")
    assert done.returncode == 0, done.stderr
    machine, versions = done.stdout.splitlines()[:2]
    assert re.fullmatch(r"\d+ cores \(.+\), load [0-9.]+ before, Python [0-9.]+, SQLite [0-9.]+", machine)
    assert f"websockets {version('websockets')}, " in versions
    assert "nchan" in versions
    for figure in ("decide and evolve", "through the log on SQLite, groups of 64", "x plain, 64 in flight, p99"):
        assert figure in done.stdout


def test_a_storm_is_measured_against_its_goals() -> None:
    done = benchmarks("--quick", "storm")
    assert done.returncode == 0, done.stderr
    goals = done.stdout.partition("The goals")[2].splitlines()[2:]
    assert [goal.partition("  ")[0] or goal for goal in map(str.strip, goals)] == [
        f"storm, {form}: {what}"
        for form in ("compressed, as browsers ask", "plain")
        for what in ("all at the live edge", "readers who stayed, p99", "reads of the database")
    ]


@pytest.mark.parametrize(
    ("goal", "reached"),
    [
        (at_most(5, "p99", 5, "ms"), True),
        (at_most(5, "p99", 5.1, "ms"), False),
        (at_most(0.2, "cost", -1.23, "us"), False),
        (at_most(0, "early", 0, ""), True),
        (at_least(5_000, "posts", 5_000, "/s"), True),
        (at_least(5_000, "posts", 4_999, "/s"), False),
    ],
)
def test_a_goal_is_reached_by_a_figure_that_makes_sense(goal: Goal, reached: bool) -> None:
    assert goal.is_reached == reached
    assert list(table([goal]))[1].endswith("MISSED") == (not reached)


def test_no_goal_is_said_to_be_none() -> None:
    (line,) = table([])
    assert line.startswith("none for what was measured")


def test_an_unknown_subject_is_refused_with_those_that_are_known() -> None:
    done = benchmarks("--quick", "flying")
    assert done.returncode == 2
    assert "no subject flying" in done.stderr
    assert "fanout" in done.stderr
