"""Prints what docs/clients/follow.py yields, a line for each message: `run.py STREAM [CURSOR]`."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "clients"))

from follow import follow  # type: ignore[import-not-found]  # (found on the path that was just set)

for message in follow(*sys.argv[1:]):
    print(json.dumps(message), flush=True)  # noqa: T201  (what it is for)
