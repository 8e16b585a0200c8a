"""`python -m benchmarks [names]`: measure all subjects, or those named."""

import argparse
import gc
from collections.abc import Callable, Iterable, Mapping

from benchmarks import (
    appending,
    catchup,
    endpoint,
    fanout,
    folding,
    goals,
    growth,
    machine,
    nodes,
    pages,
    reading,
    rebuilding,
    replaying,
    replays,
    saturated,
    slow,
    startup,
    storm,
    visiting,
)
from benchmarks.bench import Bench
from benchmarks.sizes import FULL, QUICK
from benchmarks.table import Table

SUBJECTS: Mapping[str, Callable[[Bench], Iterable[Table]]] = {
    "appending": appending.measure,
    "endpoint": endpoint.measure,
    "folding": folding.measure,
    "reading": reading.measure,
    "visiting": visiting.measure,
    "pages": pages.measure,
    "rebuilding": rebuilding.measure,
    "startup": startup.measure,
    "replaying": replaying.measure,
    "replays": replays.measure,
    "fanout": fanout.measure,
    "catchup": catchup.measure,
    "storm": storm.measure,
    "saturated": saturated.measure,
    "nodes": nodes.measure,
    "slow": slow.measure,
    "growth": growth.measure,
}


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"any of {', '.join(SUBJECTS)}; all without one")
    parser.add_argument("--quick", action="store_true", help="small sizes: to see that it runs, not how fast")
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - SUBJECTS.keys():
        parser.error(f"no subject {', '.join(sorted(unknown))}: known are {', '.join(SUBJECTS)}")
    print(machine.describe())
    print(machine.versions())
    found: list[goals.Goal] = []
    sizes = QUICK if given.quick else FULL
    with Bench.opened(sizes) as bench:
        for name in given.names or SUBJECTS:
            for table in SUBJECTS[name](bench):
                print(f"\n{table}", flush=True)
                found += table.goals
            gc.collect()
    print(f"\nThe goals ({sizes.runs} runs; {machine.describe('after')})")
    for line in goals.table(found):
        print(f"  {line}")


if __name__ == "__main__":
    main()
