"""The lock file: one writer over all processes, and never a wait without end."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from liveblog.log.request import LogUnavailable
from liveblog.storage.lockfile import LockFile
from liveblog.storage.sqlite import SqliteDatabase


def test_it_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    one, other = LockFile(tmp_path / "lock", 0), LockFile(tmp_path / "lock", 0.01)
    with one.held(), pytest.raises(LogUnavailable, match="another process is writing"), other.held():
        pass
    with other.held(), pytest.raises(LogUnavailable), one.held():
        pass
    with one.held():
        pass
    one.close()
    other.close()


def test_it_is_given_back_when_something_fails(tmp_path: Path) -> None:
    one, other = LockFile(tmp_path / "lock", 0), LockFile(tmp_path / "lock", 0)
    with pytest.raises(KeyError), one.held():
        raise KeyError
    with other.held():
        pass
    one.close()
    other.close()


def test_who_waits_gets_it_in_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = LockFile(tmp_path / "lock", 0), LockFile(tmp_path / "lock", 30)
    waiting, order = threading.Event(), []
    monkeypatch.setattr("liveblog.storage.lockfile.time.sleep", lambda _: waiting.set())

    def wait() -> None:
        with other.held():
            order.append("other")

    thread = threading.Thread(target=wait)
    with one.held():
        thread.start()
        assert waiting.wait(30)
        order.append("one")
    thread.join(30)
    assert order == ["one", "other"]
    one.close()
    other.close()


def test_the_system_gives_it_back_when_its_process_dies(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from liveblog.storage.lockfile import LockFile\n"
        "with LockFile(Path(sys.argv[1]), 0).held():\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    command = [sys.executable, "-c", script, str(tmp_path / "lock")]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        lock = LockFile(tmp_path / "lock", 0)
        with pytest.raises(LogUnavailable), lock.held():
            pass
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        with lock.held():
            pass
        lock.close()


@pytest.mark.anyio
async def test_a_database_writes_only_while_it_holds_it(sqlite_url: str) -> None:
    """And reads whoever holds it."""
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    database = SqliteDatabase(path, timeout_s=0.02)
    lock = LockFile(path.with_name("blog.db.lock"), 0)
    with lock.held():
        with pytest.raises(LogUnavailable, match="another process is writing"):
            await database.write(lambda connection: connection.exec_driver_sql("SELECT 1"))
        assert await database.read(lambda connection: connection.exec_driver_sql("SELECT 1").scalar()) == 1

    def taken(_: object) -> None:
        with pytest.raises(LogUnavailable), lock.held():
            pass

    await database.write(taken)
    await database.read(lambda _: lock.held().__enter__())
    await database.close()
    lock.close()


@pytest.mark.anyio
async def test_a_database_is_opened_and_closed_whoever_holds_it(sqlite_url: str) -> None:
    """Who only reads need not wait for another process's import."""
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    lock = LockFile(path.with_name("blog.db.lock"), 0)
    with lock.held():
        database = SqliteDatabase(path, timeout_s=0)
        assert await database.read(lambda connection: connection.exec_driver_sql("SELECT 1").scalar()) == 1
        await database.close()
    lock.close()


@pytest.mark.anyio
async def test_the_last_to_close_leaves_one_file(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    one, other = SqliteDatabase(path), SqliteDatabase(path)
    await one.write(lambda connection: connection.exec_driver_sql("UPDATE log_head SET log_position = 5"))
    await one.close()
    assert path.with_name("blog.db-wal").exists()
    await other.close()
    assert sorted(each.name for each in path.parent.iterdir()) == ["blog.db", "blog.db.lock"]
