"""Nothing acknowledged is lost, and every reader receives the log, whatever happens to the server and the sockets.

`make chaos` does this for minutes; here each fault happens at least once.
"""

import gc
from pathlib import Path

import pytest

from chaos.run import run

pytestmark = [
    pytest.mark.anyio,
    # Clients that are cut off in the middle of their handshakes leave sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SECONDS = 1


async def test_a_night_of_faults_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    await holds(sqlite_url, tmp_path)


async def test_a_night_of_faults_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    await holds(postgres_url, tmp_path)


async def holds(url: str, folder: Path) -> None:
    outcome = await run(url, folder, SECONDS, seed=20200108)
    gc.collect()
    assert outcome.anomalies == []
    assert outcome.complaints == []
    assert outcome.never == []
    assert outcome.events > 50
