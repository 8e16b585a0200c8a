"""`liveblog replay`: a recorded night through the admin endpoint of a running server, interrupted and gone on with."""

import asyncio
import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from cli.nights import long_commit
from cli.terminal import Terminal
from house import House, open_house
from liveblog.application.importing.sources import Options, understand
from liveblog.application.recording import Recording
from liveblog.cli.address import Address
from liveblog.cli.admin import Admin
from liveblog.cli.failure import Failure
from liveblog.cli.replaying import Pace, Replay, Replayed
from liveblog.domain import instant
from program import done, run, serving
from replay.history import NIGHT, recorded
from replay.scenario import FOLDER

pytestmark = pytest.mark.anyio

FILE = FOLDER / f"{NIGHT}.jsonl"
REQUESTS = 35
"""The commits of the night."""
NAMELESS = {
    *{"at", "at_estimated", "recorded_at", "by", "hash", "event_id", "epoch", "edition", "slug", "time"},
    *{"started_at", "ended_at", "updated_at", "set_at", "published_at", "published_at_estimated"},
}
"""What is another's in a night that is posted again: instants, names, and what follows from them."""


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    """A server that also holds the recording itself, as it was."""
    async with open_house(sqlite_url) as house:
        for name in (NIGHT, "five-questions-after-the-missiles"):
            path = FOLDER / f"{name}.jsonl"
            await house.store.importer.bring_in([understand(path.name, path.read_bytes(), Options())])
        yield house


class Cut(BaseException):
    """The replay is over in the middle of a request, as if its process had been killed."""


class Faulty(httpx2.BaseTransport):
    """A network that ends the whole replay at the nth request: before it is sent, or when its answer is lost.

    Args:
        at: Which request, from 0; None for none.
        sent: Whether the server still gets it.

    """

    def __init__(self, at: int | None = None, *, sent: bool = False) -> None:
        self._inner = httpx2.HTTPTransport()
        self._at, self._sent = at, sent
        self.bodies: list[bytes] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.bodies.append(request.read())
        if len(self.bodies) - 1 != self._at:
            return self._inner.handle_request(request)
        if self._sent:
            self._inner.handle_request(request).read()
        raise Cut

    def close(self) -> None:
        self._inner.close()


async def post(
    house: House,
    slug: str,
    recording: Recording | None = None,
    *,
    network: Faulty | None = None,
    pace: Pace | None = None,
    original_times: bool = False,
    clock: "Clock | None" = None,
) -> Replayed:
    """Replay a recording, the night itself by default."""
    clock = clock or Clock()
    with Admin(house.editor, transport=network or Faulty(), sleep=clock.sleep, dice=lambda: 1.0) as admin:
        replay = Replay(
            recording or recorded(NIGHT),
            Address(house.address, slug, {}),
            admin,
            pace or Pace(rate=None),
            original_times=original_times,
            told=lambda done, note="", left_s=None: None,
            sleep=clock.sleep,
            now=clock.now,
        )
        return await asyncio.to_thread(replay.run)


class Clock:
    """Time that passes when somebody waits for it."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


async def events(house: House, slug: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await house.get(f"/v1/blogs/{slug}/events?limit=1000"))["events"]
    return found


async def story(house: House, slug: str) -> tuple[Any, ...]:
    """All that a blog went through and has become, but for ids, instants and names."""
    told = await events(house, slug)
    ids = {each["entry"]["id"]: f"entry of {each['entry']['first_position']}" for each in told if each["entry"]}
    blog = await house.get(f"/v1/blogs/{slug}?limit=200")
    documents = {ids[each["id"]]: each for each in blog.pop("entries")}
    return plain(told, ids), plain(blog, ids), plain(documents, ids)


def plain(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: plain(each, ids) for name, each in value.items() if name not in NAMELESS}
    if isinstance(value, list):
        return [plain(each, ids) for each in value]
    return ids.get(value, value) if isinstance(value, str) else value


@pytest.mark.parametrize("name", [NIGHT, "five-questions-after-the-missiles"])
async def test_a_whole_night_ends_as_it_did_and_went_the_same_way(house: House, name: str) -> None:
    done = await post(house, "again", recorded(name))
    assert done.events == recorded(name).header.head
    assert done.repeated == 0
    again, original = await story(house, "again"), await story(house, name)
    assert again == original


async def test_commits_stay_commits(house: House) -> None:
    await post(house, "again")
    again, original = [[event["commit_end"] for event in await events(house, slug)] for slug in ("again", NIGHT)]
    assert again == original
    assert len(set(original)) == REQUESTS < 48


async def test_what_was_committed_with_the_start_comes_right_after_it(house: House) -> None:
    """The blog is started by a request of its own."""
    await post(house, "again", await long_commit(entries=3, body="x", with_start=True))
    assert [event["commit_end"] for event in await events(house, "again")] == [1, 4, 4, 4]


async def test_entries_show_the_present_and_on_request_the_instants_of_that_night(house: House) -> None:
    await post(house, "now")
    await post(house, "then", original_times=True)
    now, then, original = [
        [each["published_at"] for each in (await house.get(f"/v1/blogs/{slug}"))["entries"]]
        for slug in ("now", "then", NIGHT)
    ]
    assert then == original
    assert min(now) > max(then)


async def test_it_goes_on_wherever_it_was_cut_and_posts_nothing_twice(house: House) -> None:
    whole = Faulty()
    await post(house, "whole", network=whole)
    expected = await story(house, "whole")
    assert len(whole.bodies) == REQUESTS
    for at, sent in itertools.product([0, 1, 2, 7, 15, 33, 34], [False, True]):
        slug = f"cut-{at}-{sent}".lower()
        with pytest.raises(Cut):
            await post(house, slug, network=Faulty(at, sent=sent))
        before = len(await events(house, slug)) if at or sent else 0
        assert (before == 48) == (at == 34 and sent)
        done = await post(house, slug)
        assert done == Replayed(48, REQUESTS - at - sent, at + sent)
        assert await story(house, slug) == expected, slug


async def test_a_replay_that_is_done_posts_nothing_more(house: House) -> None:
    await post(house, "again")
    assert (await post(house, "again")).posted == 0
    assert len(await events(house, "again")) == 48


async def test_a_longer_recording_of_the_same_blog_goes_on_after_the_shorter(house: House) -> None:
    night = recorded(NIGHT)
    header = type(night.header)(**{**_fields(night.header), "head": 35, "hash": night.records[34].hash.hex()})
    await post(house, "again", Recording(header, night.records[:35]))
    assert len(await events(house, "again")) == 35
    done = await post(house, "again")
    assert done.posted > 0
    assert await story(house, "again") == await story(house, NIGHT)


def _fields(struct: Any) -> dict[str, Any]:
    return {name: getattr(struct, name) for name in struct.__struct_fields__}


async def test_a_commit_larger_than_a_request_becomes_several(house: House) -> None:
    recording = await long_commit(entries=250, body="x")
    network = Faulty()
    await post(house, "long", recording, network=network)
    assert [len(json.loads(body)) for body in network.bodies[1:]] == [100, 100, 50]
    assert [event["position"] for event in await events(house, "long")] == list(range(1, 252))
    heavy = await long_commit(entries=90, body="y" * 19_000)
    network = Faulty()
    await post(house, "heavy", heavy, network=network)
    assert max(map(len, network.bodies)) < 1024 * 1024
    assert sum(len(json.loads(body)) for body in network.bodies[1:]) == 90


class TestPace:
    async def at(
        self, house: House, slug: str, pace: Pace, network: Faulty | None = None, *, takes_s: float = 0.0
    ) -> list[float]:
        """When each request was sent, in seconds since the first, where each takes so long."""
        clock, sent = Clock(), list[float]()
        network = network or Faulty()
        inner = network.handle_request

        def handle(request: httpx2.Request) -> httpx2.Response:
            sent.append(clock.time)
            clock.time += takes_s
            return inner(request)

        network.handle_request = handle  # type: ignore[method-assign] # watched, not replaced
        with contextlib.suppress(Cut):
            await post(house, slug, network=network, pace=pace, clock=clock)
        return sent

    def due(self, rate: float, max_gap: float = float("inf")) -> list[float]:
        """When each commit of the night is due."""
        envelopes = [record.envelope for record in recorded(NIGHT).records]
        instants = [instant.parse(each.at) / 1000 for each in envelopes if each.commit_end == each.position]
        gaps = [0.0, *(min(b - a, max_gap) / rate for a, b in itertools.pairwise(instants))]
        return list(itertools.accumulate(gaps))

    async def test_each_commit_is_posted_at_its_moment(self, house: House) -> None:
        sent = await self.at(house, "a", Pace(rate=60.0))
        assert sent == pytest.approx(self.due(60))
        sent = await self.at(house, "b", Pace(rate=600.0, max_gap_s=300))
        assert sent == pytest.approx(self.due(600, 300))

    async def test_what_was_posted_before_is_not_waited_for(self, house: House) -> None:
        await self.at(house, "a", Pace(rate=60.0), Faulty(20))
        sent = await self.at(house, "a", Pace(rate=60.0), takes_s=0.25)
        due = self.due(60)
        # The first that is new goes at once; after it, everything at its distance.
        assert sent[:21] == [number * 0.25 for number in range(21)]
        assert sent[21:] == pytest.approx([sent[20] + each - due[20] for each in due[21:]])


class TestRefusals:
    async def refused(self, house: House, slug: str, **more: Any) -> str:
        with pytest.raises(Failure) as caught:
            await post(house, slug, **more)
        return caught.value.message

    async def test_a_slug_that_is_another_blogs(self, house: House) -> None:
        assert (await self.refused(house, NIGHT)).startswith("stopped after event 0 of 48: slug_taken: ")

    async def test_another_editors_token_doubles_nothing(self, house: House) -> None:
        await post(house, "again")
        house.editor = await house.token(name="Another")
        assert "slug_taken" in await self.refused(house, "again")
        assert len(await events(house, "again")) == 48

    async def test_a_token_that_is_none(self, house: House) -> None:
        house.editor = "wrong"
        assert "unauthenticated" in await self.refused(house, "again")

    async def test_a_blog_that_somebody_ended(self, house: House) -> None:
        with pytest.raises(Cut):
            await post(house, "again", network=Faulty(3))
        assert (await house.post("again", {"type": "end_blog"})).status_code == 201
        assert (await self.refused(house, "again")).startswith("stopped after event 6 of 48: blog_ended: ")


class TestProgram:
    """The command as a process against the server as a process."""

    def test_errors_are_one_line(self, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("program._environment", with_token("secret"))
        damaged = tmp_path / "damaged.jsonl"
        lines = FILE.read_bytes().splitlines(keepends=True)
        damaged.write_bytes(b"".join([*lines[:20], lines[20].replace(b"a", b"b", 1), *lines[21:]]))
        cases = [
            (["replay", str(damaged), "--to", "http://127.0.0.1:1"], 1, "line 21"),
            (["replay", str(tmp_path / "none"), "--to", "http://127.0.0.1:1"], 2, "does not exist"),
            (["replay", str(FILE)], 2, "--to"),
            (["replay", str(FILE), "--to", "nowhere"], 2, "expected an address"),
            (["replay", str(FILE), "--to", "http://127.0.0.1:1", "--rate", "0"], 2, "expected instant"),
            (["replay", str(FILE), "--to", "http://127.0.0.1:1", "--slug", "Bad Slug"], 2, "slug"),
        ]
        for arguments, code, said in cases:
            finished = run(*arguments, url=sqlite_url)
            assert (finished.returncode, finished.stdout) == (code, ""), arguments
            assert said in finished.stderr
            assert "Traceback" not in finished.stderr
            if code == 1:
                assert finished.stderr.count("\n") == 1

    def test_killed_at_several_moments_it_ends_as_if_it_never_was(
        self, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = done("token", "create", "--name", "Edith", url=sqlite_url).strip()
        monkeypatch.setattr("program._environment", environment := with_token(token))
        with serving(sqlite_url, tmp_path) as server:
            arguments = ["replay", str(FILE), "--to", server.address, "--max-gap", "30", "--rate", "1000"]
            for target, number in ((3, signal.SIGKILL), (11, signal.SIGINT), (24, signal.SIGKILL)):
                replaying = subprocess.Popen(
                    [sys.executable, "-m", "liveblog", *arguments],
                    env=environment(sqlite_url),
                    stderr=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    text=True,
                )
                wait_until_at(server.address, target)
                replaying.send_signal(number)
                _, said = replaying.communicate(timeout=20)
                assert replaying.returncode in (-signal.SIGKILL, 130)
                assert ("interrupted after event" in said) == (number is signal.SIGINT)
                assert head(server.address) < 48
            server.kill()
            server.start()
            said = done(*arguments, url=sqlite_url)
            assert said.startswith(f"{server.address}/v1/blogs/{NIGHT}: 48 events in {REQUESTS} requests, ")
            assert "of them before" in said
            page = httpx2.get(f"{server.address}/v1/blogs/{NIGHT}/events?limit=1000").json()
            published = [event["entry"]["id"] for event in page["events"] if event["event_type"] == "entry_published"]
            assert len(set(published)) == len(published) == 22
            assert [event["event_type"] for event in page["events"]] == [
                record.envelope.event_type for record in recorded(NIGHT).records
            ]


def with_token(token: str) -> Callable[[str], dict[str, str]]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("LIVEBLOG_")}
    return lambda url: ours | {"LIVEBLOG_DATABASE_URL": url, "LIVEBLOG_TOKEN": token}


def head(address: str) -> int:
    answer = httpx2.get(f"{address}/v1/blogs/{NIGHT}?limit=1")
    return int(answer.json()["position"]) if answer.status_code == 200 else 0


def wait_until_at(address: str, position: int) -> None:
    deadline = time.monotonic() + 20
    while head(address) < position:
        assert time.monotonic() < deadline


def test_a_terminal_shows_position_clock_and_what_is_left(sqlite_url: str, tmp_path: Path) -> None:
    token = done("token", "create", "--name", "Edith", url=sqlite_url).strip()
    with serving(sqlite_url, tmp_path) as server:
        arguments = ["replay", str(FILE), "--to", server.address, "--rate", "60"]
        with Terminal(*arguments, columns=100, more={"LIVEBLOG_TOKEN": token}) as screen:
            screen.shows(f"replay {NIGHT} 1/48  2020-01-07 23:")
            screen.shows(" left")
            screen.process.send_signal(signal.SIGINT)
            screen.shows("interrupted after event ")
            screen.shows("run it again to go on")
            assert screen.ended() == 130
        assert "Traceback" not in screen.text
