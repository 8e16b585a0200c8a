"""The bare loop of writes, compiled where a compiler is found: what no server can be much cheaper than."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import nchan, program
from benchmarks.program import READY, Program

NOT_FOUND = "no C compiler found: no bare loop of writes beside it"
_SOURCE = Path(__file__).with_suffix(".c")


@contextmanager
def running(readers: int) -> Iterator[Program | None]:
    """A server for exactly so many readers, then one who posts; None where nothing compiles it."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="liveblog-bench-loop-") as folder:
        binary = f"{folder}/writeloop"
        subprocess.run([compiler, "-O2", "-o", binary, str(_SOURCE)], check=True)
        port = nchan.free_port()
        with program.started([binary, str(port), str(readers)], core=program.SERVER) as (process, _):
            assert process.stderr is not None
            if READY not in process.stderr.readline():
                raise RuntimeError("the loop ended before it was ready")
            yield Program(process, port, 0.0)
