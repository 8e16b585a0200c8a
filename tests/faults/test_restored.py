"""A database file that was restored from a copy: readers with later cursors are told, never fed another history."""

import json
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from program import Server, done, serving

PATIENCE_S = 20.0


class Newsroom:
    """A server as a process, its database file, and an editor."""

    def __init__(self, url: str, server: Server) -> None:
        self.url = url
        self.file = Path(url.removeprefix("sqlite:///"))
        self.server = server
        self.token = done("token", "create", "--name", "Edith", url=url).strip()

    def start_blog(self) -> None:
        """Start a blog called night."""
        self._post("/v1/admin/blogs", {"slug": "night", "headline": "A night"})

    def publish(self, *headlines: str) -> dict[str, Any]:
        """Publish entries one by one; gives the last answer."""
        for headline in headlines:
            answer = self._post("/v1/admin/blogs/night/commands", {"type": "publish_entry", "headline": headline})
        return answer

    def _post(self, path: str, body: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = httpx2.post(f"{self.server.address}{path}", json=body, headers=headers, timeout=PATIENCE_S)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def stop(self) -> None:
        """Let the server end as it does for a restart."""
        assert self.server.kill(signal.SIGTERM) == 0

    def get(self, path: str) -> httpx2.Response:
        """Read."""
        return httpx2.get(f"{self.server.address}/v1/blogs/night{path}", timeout=PATIENCE_S)

    @contextmanager
    def stream(self, query: str) -> Iterator[ClientConnection]:
        """Connect a reader."""
        with connect(f"ws://127.0.0.1:{self.server.port}/v1/blogs/night/stream?{query}") as socket:
            yield socket

    def told(self, query: str) -> tuple[list[str], int | None]:
        """What a reader hears who comes with a cursor: the types of the messages, and the code of the close."""
        with self.stream(query) as socket:
            return rest(socket)


def rest(socket: ClientConnection) -> tuple[list[str], int | None]:
    """What is still heard on a stream, and the code of its close."""
    heard: list[str] = []
    try:
        while True:
            message = json.loads(socket.recv(timeout=PATIENCE_S))
            heard.append(message.get("code", message["type"]))
    except ConnectionClosed:
        return heard, socket.protocol.close_code


class Reader:
    """What a reader knows when its connection breaks."""

    def __init__(self, newsroom: Newsroom) -> None:
        with newsroom.stream("from=start") as socket:
            self.epoch = json.loads(socket.recv(timeout=PATIENCE_S))["epoch"]
            self.hashes = [json.loads(socket.recv(timeout=PATIENCE_S))["hash"] for _ in range(6)]


@pytest.fixture
def newsroom(sqlite_url: str, tmp_path: Path) -> Iterator[Newsroom]:
    with serving(sqlite_url, tmp_path) as server:
        yield Newsroom(sqlite_url, server)


def restored(newsroom: Newsroom, *, with_note: bool) -> Reader:
    """Copy the database at position 3, go on to 6, and put the copy back; then go on otherwise, to 5."""
    newsroom.start_blog()
    newsroom.publish("One", "Two")
    newsroom.stop()
    copy = newsroom.file.with_name("backup.db")
    shutil.copy(newsroom.file, copy)
    newsroom.server.start()
    newsroom.publish("Three", "Four", "Five")
    reader = Reader(newsroom)
    newsroom.stop()
    assert not newsroom.file.with_name(f"{newsroom.file.name}-wal").exists()
    shutil.copy(copy, newsroom.file)
    if not with_note:
        newsroom.file.with_name(f"{newsroom.file.name}.lock").unlink()
    newsroom.server.start()
    newsroom.publish("Another", "And another")
    return reader


def test_a_server_that_finds_an_older_file_in_its_place_renews_the_epoch_by_itself(newsroom: Newsroom) -> None:
    reader = restored(newsroom, with_note=True)
    assert newsroom.get("").json()["epoch"] != reader.epoch
    assert newsroom.told(f"from=4&epoch={reader.epoch}") == (["epoch_changed"], 4402)
    assert newsroom.told(f"from=6&epoch={reader.epoch}") == (["epoch_changed"], 4402)
    assert newsroom.told(f"from=5&hash={reader.hashes[4]}") == (["history_changed"], 4402)
    assert newsroom.told("from=6") == (["position_beyond_head"], 4403)
    stale = newsroom.get(f"/events?after=3&epoch={reader.epoch}")
    assert (stale.status_code, stale.json()["code"]) == (410, "epoch_changed")
    assert "database_restored" in newsroom.server._log.read_text()
    # Once is enough: what is there now is the log.
    epoch = newsroom.get("").json()["epoch"]
    newsroom.stop()
    newsroom.server.start()
    assert newsroom.get("").json()["epoch"] == epoch


def test_where_the_server_cannot_know_the_hash_tells_and_a_renewed_epoch_does(newsroom: Newsroom) -> None:
    reader = restored(newsroom, with_note=False)
    assert newsroom.get("").json()["epoch"] == reader.epoch
    # What both histories share is still the reader's.
    with newsroom.stream(f"from=3&epoch={reader.epoch}&hash={reader.hashes[2]}") as socket:
        assert json.loads(socket.recv(timeout=PATIENCE_S))["type"] == "subscribed"
        assert json.loads(socket.recv(timeout=PATIENCE_S))["entry"]["headline"] == "Another"
        caught_up = [json.loads(socket.recv(timeout=PATIENCE_S))["type"] for _ in range(2)]
        assert caught_up == ["event", "caught_up"]
        for position in (4, 5):
            query = f"from={position}&epoch={reader.epoch}&hash={reader.hashes[position - 1]}"
            assert newsroom.told(query) == (["history_changed"], 4402)
        assert newsroom.told(f"from=6&epoch={reader.epoch}") == (["position_beyond_head"], 4403)
        beyond = newsroom.get("/events?after=6")
        assert (beyond.status_code, beyond.json()["code"]) == (404, "position_beyond_head")
        said = done("epoch", "renew", "night", url=newsroom.url)
        # The running server follows: who reads is told, and who comes with the old epoch too.
        heard, code = rest(socket)
        assert (set(heard) <= {"heartbeat"}, code) == (True, 4402)
    assert newsroom.get("").json()["epoch"] in said
    assert newsroom.told(f"from=4&epoch={reader.epoch}") == (["epoch_changed"], 4402)
    stale = newsroom.get(f"/events?after=3&epoch={reader.epoch}")
    assert (stale.status_code, stale.json()["code"]) == (410, "epoch_changed")


def test_an_ordinary_restart_and_a_kill_change_no_epoch(newsroom: Newsroom) -> None:
    newsroom.start_blog()
    epoch = newsroom.publish("One")["epoch"]
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGKILL):
        newsroom.server.kill(number)
        newsroom.server.start()
        assert newsroom.publish("More")["epoch"] == epoch
    assert "database_restored" not in newsroom.server._log.read_text()
