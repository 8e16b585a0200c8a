"""`python -m benchmarks [names]`: measure all subjects, or those named."""

import argparse
import gc
from collections.abc import Callable, Iterable, Mapping

from benchmarks import appending, endpoint, fanout, folding, machine, reading, rebuilding, replaying, startup, visiting
from benchmarks.bench import Bench
from benchmarks.sizes import FULL, QUICK
from benchmarks.table import Table

SUBJECTS: Mapping[str, Callable[[Bench], Iterable[Table]]] = {
    "appending": appending.measure,
    "endpoint": endpoint.measure,
    "folding": folding.measure,
    "reading": reading.measure,
    "visiting": visiting.measure,
    "rebuilding": rebuilding.measure,
    "startup": startup.measure,
    "replaying": replaying.measure,
    "fanout": fanout.measure,
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
    with Bench.opened(QUICK if given.quick else FULL) as bench:
        for name in given.names or SUBJECTS:
            for table in SUBJECTS[name](bench):
                print(f"\n{table}", flush=True)
            gc.collect()


if __name__ == "__main__":
    main()
