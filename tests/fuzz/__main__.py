"""Run the fuzzers: `PYTHONPATH=tests python -m fuzz [TARGET …] [--seconds 180] [--seed N] [--case N]`.

Each target gets its share of the seconds. Prints runs, cases and failures, and ends with 1 if anything failed; inputs
that failed are kept in `.fuzz/`, and `--case` with the same target and seed makes one of them again.
"""

import argparse
import asyncio
import re
import secrets
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from contract.fuzzing import fuzz as fuzz_contract
from fuzz import campaign, network
from fuzz.campaign import Outcome
from fuzz.target import Target
from fuzz.targets import PURE
from house import open_house
from liveblog.storage import migrate

KEPT = Path(".fuzz")
NETWORK = ("bodies", "requests", "frames")
CONTRACT = "contract"
NAMES = (*PURE, *NETWORK, CONTRACT)
_CONTRACT_SHARE = 4
"""Schemathesis has phases to go through: it gets as much as so many other targets."""
_EXAMPLES = 50
"""Cases of Schemathesis for each operation and phase, at most."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; returns the exit code."""
    given = _parse(arguments)
    names = tuple(given.targets) or NAMES
    shares = sum(_CONTRACT_SHARE if name == CONTRACT else 1 for name in names)
    share = given.seconds / shares
    _say(f"fuzzing with seed {given.seed}, {share:.0f} s for a target: {', '.join(names)}")
    with tempfile.TemporaryDirectory() as folder:
        urls = [f"sqlite:///{folder}/{name}.db" for name in ("network", "contract")]
        for url in urls:
            migrate.upgrade(url)
        outcomes = asyncio.run(_run(names, given, share, urls))
    cases, failures = sum(each.cases for each in outcomes), sum(len(each.failures) for each in outcomes)
    _say(f"{len(outcomes)} runs, {cases:,} cases, {failures} failures, seed {given.seed}")
    return 1 if failures else 0


async def _run(names: Sequence[str], given: argparse.Namespace, share: float, urls: Sequence[str]) -> list[Outcome]:
    outcomes = [await _campaign(PURE[name], given, share) for name in names if name in PURE]
    if set(names) & set(NETWORK):
        async with network.opened(urls[0]) as newsroom:
            chosen = (target for target in newsroom.targets() if target.name in names)
            outcomes += [await _campaign(target, given, share) for target in chosen]
    if CONTRACT in names and given.case is None:
        outcomes.append(await _contract(given.seed, share * _CONTRACT_SHARE, urls[1]))
    return outcomes


async def _campaign(target: Target, given: argparse.Namespace, share: float) -> Outcome:
    if given.case is not None:
        outcome = await campaign.run(target, given.seed, cases=1, first=given.case)
    else:
        outcome = await campaign.run(target, given.seed, seconds=share)
    _say(
        f"{outcome.name:18} {outcome.cases:>9,} cases {outcome.accepted:>9,} accepted"
        f" {len(outcome.failures):>3} failures {outcome.seconds:>6.1f} s"
    )
    for failure, path in zip(outcome.failures, campaign.save(outcome, KEPT), strict=True):
        _say(f"{failure.story}kept as {path}; again: {target.name} --seed {outcome.seed} --case {failure.number}")
    return outcome


async def _contract(seed: int, seconds: float, url: str) -> Outcome:
    """Schemathesis by the server's own OpenAPI document, in all its phases."""
    with network.listening() as logged:
        async with open_house(url) as house:
            fuzzed = await fuzz_contract(
                house.address, house.editor, seed=seed, examples=_EXAMPLES, seconds=max(1, int(seconds))
            )
    _say(fuzzed.said)
    stories = [*([fuzzed.said] if fuzzed.failed else []), *logged]
    failures = tuple(campaign.Failure(number, b"", story) for number, story in enumerate(stories))
    found = re.search(r"(\d+) generated", fuzzed.said)
    outcome = Outcome(CONTRACT, seed, int(found[1]) if found else 0, 0, seconds, failures)
    campaign.save(outcome, KEPT)
    return outcome


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fuzz", description="Feed what takes bytes from strangers with bad ones.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"any of {', '.join(NAMES)}; all by default")
    parser.add_argument("--seconds", type=float, default=180.0, help="for all targets together (180)")
    parser.add_argument("--seed", type=int, default=None, help="the same seed makes the same cases; random by default")
    parser.add_argument("--case", type=int, default=None, help="run this case only")
    given = parser.parse_args(arguments)
    if unknown := set(given.targets) - set(NAMES):
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    given.seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    return given


if __name__ == "__main__":
    sys.exit(main())
