"""The script that makes the recordings, loaded by its path: it is no module of anything."""

import importlib.util
from types import ModuleType

from replay.scenario import FOLDER


def maker() -> ModuleType:
    """What replay/make.py defines."""
    spec = importlib.util.spec_from_file_location("make_recordings", FOLDER / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
