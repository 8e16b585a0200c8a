"""The benchmarks run: small sizes, no figure is judged."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def benchmarks(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_the_subjects_named_are_measured() -> None:
    """One subject runs in the process, the other on a server of its own; each prints a ratio to its baseline."""
    done = benchmarks("--quick", "folding", "endpoint")
    assert done.returncode == 0, done.stderr
    assert "SQLite" in done.stdout.splitlines()[0]
    for figure in ("decide and evolve", "through the log on SQLite, groups of 64", "x plain, 64 in flight, p99"):
        assert figure in done.stdout


def test_an_unknown_subject_is_refused_with_those_that_are_known() -> None:
    done = benchmarks("--quick", "flying")
    assert done.returncode == 2
    assert "no subject flying" in done.stderr
    assert "fanout" in done.stderr
