"""`make chaos`: minutes of faults, and a line for each of what was seen."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from chaos.run import Outcome, run
from liveblog.storage import migrate
from postgres import Postgres


def main() -> int:
    """Run, print, and end with 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="how long faults go on, on each database")
    parser.add_argument("--seed", type=int, default=8, help="of every dice")
    parser.add_argument("--database", choices=("sqlite", "postgres"), action="append", help="which; both if not named")
    given = parser.parse_args()
    wrong = 0
    for database in given.database or ("sqlite", "postgres"):
        outcome = _run(database, given.seconds, given.seed)
        _print(database, given.seconds, given.seed, outcome)
        wrong += bool(outcome.anomalies or outcome.complaints or outcome.never)
    return 1 if wrong else 0


def _run(database: str, seconds: float, seed: int) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="liveblog-chaos-") as name:
        folder = Path(name)
        if database == "sqlite":
            url = f"sqlite:///{folder / 'blog.db'}"
            migrate.upgrade(url)
            return asyncio.run(run(url, folder, seconds, seed))
        with Postgres.started() as postgres, postgres.database(template=postgres.migrated()) as url:
            return asyncio.run(run(url, folder, seconds, seed))


def _print(database: str, seconds: float, seed: int, outcome: Outcome) -> None:
    out = sys.stdout.write
    out(f"{database}, {seconds:.0f} s of faults, seed {seed}: {outcome.events:,} events\n")
    for name, count in sorted(outcome.seen.items()):
        out(f"  {count:8,}  {name}\n")
    for title, lines in (
        ("never happened", outcome.never),
        ("the server complained of", outcome.complaints),
        ("anomalies", outcome.anomalies),
    ):
        out(f"  {title}: {len(lines)}\n")
        for line in lines[:20]:
            out(f"    {line}\n")


if __name__ == "__main__":
    sys.exit(main())
