"""Drafts are published when their time comes, once, whoever dies in between; the time is the test's to set."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import msgspec
import pytest
from msgspec import structs

from liveblog.application.desk import Desk
from liveblog.application.drafts import Draft, Person, State
from liveblog.application.publishing import KEEPER, Publishing, commands_of, key_of
from liveblog.application.rendering import Renderer
from liveblog.application.schedule import GRACE_MS, LOOK_MS, Schedule
from liveblog.application.tokens import Token
from liveblog.domain import instant
from liveblog.domain.actor import Actor, Role
from liveblog.domain.commands import EndBlog
from liveblog.domain.rejection import CommandRejected
from liveblog.log.record import Recorded
from liveblog.log.request import LogUnavailable
from liveblog.storage.drafts import SqlDraftStore
from liveblog.storage.log import SqlLog
from liveblog.storage.opening import open_database
from liveblog.storage.readmodels import SqlReadModels
from liveblog.storage.tokens import SqlTokenStore
from log.build import T0, Build, FakeClock, accept, pages, render

pytestmark = pytest.mark.anyio

EDITH = Person("edith", "Edith")
DUE = T0 + 60_000
EVER = 1 << 62
"""After every instant."""


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


class Node:
    """A server's part in this: its own way to the database, and the clock that all share."""

    def __init__(self, database: Any, clock: FakeClock) -> None:
        self.clock = clock
        self.log = SqlLog(database, clock, render)
        self.desk = Desk(self.log, SqlReadModels(database), Renderer(), lambda *_: None)
        self.drafts = SqlDraftStore(database)
        self.tokens = SqlTokenStore(database)
        self.publishing = Publishing(self.drafts, self.desk, self.log)
        self.schedule = Schedule(self.drafts, self.publishing, self.tokens, clock)

    async def publish_due(self, now: int, sent_before: int = 0) -> bool:
        """Set the clock, and have published what is due."""
        self.clock.now = now
        return await self.schedule.publish_due(now, sent_before)

    async def scheduled(self, number: int = 1, **fields: Any) -> Draft:
        """A draft that Edith scheduled."""
        command = {"type": "publish_entry", "headline": f"No. {number}", **fields.pop("command", {})}
        draft = Draft(
            id=f"d{number}",
            slug="night",
            revision=3,
            state=State.SCHEDULED,
            command=msgspec.json.encode(command),
            author=Person("adam", "Adam"),
            edited_by=EDITH,
            created_at=T0,
            updated_at=T0,
            publish_at=DUE,
        )
        return await self.drafts.add(structs.replace(draft, **fields))

    async def find(self, draft: Draft) -> Draft:
        """The draft as it is now."""
        found = await self.drafts.find("night", draft.id)
        assert found is not None
        return found

    async def said(self) -> list[Recorded]:
        """The blog's events after its start."""
        head = await self.log.head("night")
        assert head is not None
        return (await pages(self.log, head.blog_id))[1:]


@asynccontextmanager
async def opened(url: str, clock: FakeClock) -> AsyncIterator[Node]:
    database = await open_database(url)
    node = Node(database, clock)
    running = asyncio.create_task(node.desk.sequencer.run())
    try:
        yield node
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await database.close()


@pytest.fixture
async def node(url: str) -> AsyncIterator[Node]:
    async with opened(url, FakeClock()) as node:
        await accept(node.log, Build().start("night"))
        await node.tokens.create(token("t1"), b"1" * 32)
        yield node


def token(name: str, role: Role = Role.EDITOR, blogs: tuple[str, ...] | None = None) -> Token:
    return Token(id=name, actor=Actor("edith", "Edith", role), blogs=blogs, created_at=T0)


async def test_a_draft_is_published_at_its_time_and_not_before(node: Node) -> None:
    draft = await node.scheduled()
    assert await node.publish_due(DUE - 1)
    assert await node.said() == []
    assert await node.find(draft) == draft
    assert await node.publish_due(DUE)
    (event,) = await node.said()
    assert event.record.envelope.event_type == "entry_published"
    assert event.record.envelope.at == instant.show(DUE)
    published = await node.find(draft)
    assert published == structs.replace(
        draft, revision=4, state=State.PUBLISHED, position=2, updated_at=DUE, edited_by=EDITH
    )
    assert await node.publish_due(DUE + 10 * GRACE_MS)
    assert len(await node.said()) == 1


async def test_it_is_published_as_who_scheduled_it(node: Node) -> None:
    await node.scheduled()
    await node.publish_due(DUE)
    (event,) = await node.said()
    assert msgspec.json.decode(event.record.payload or b"")["actor"]["id"] == "edith"


async def test_what_came_due_while_no_server_ran_is_published_by_the_next(node: Node, url: str) -> None:
    first, second = await node.scheduled(1, publish_at=DUE + 5), await node.scheduled(2, publish_at=DUE)
    async with opened(url, FakeClock(DUE + 3_600_000)) as later:
        await later.publish_due(DUE + 3_600_000)
        titles = [msgspec.json.decode(each.effect.entry or b"")["headline"] for each in await later.said()]
        assert titles == ["No. 2", "No. 1"], "in the order of their times"
        assert [(await later.find(each)).position for each in (first, second)] == [3, 2]


async def test_a_server_that_dies_between_the_mark_and_the_log_loses_nothing(node: Node, url: str) -> None:
    draft = await node.scheduled()
    assert await node.publishing.begin(draft, EDITH, DUE) is not None
    async with opened(url, FakeClock(DUE + 1)) as next_one:
        await next_one.publish_due(DUE + 1, EVER)
        assert len(await next_one.said()) == 1
        assert (await next_one.find(draft)).state is State.PUBLISHED


async def test_a_server_that_dies_between_the_log_and_the_note_says_nothing_twice(node: Node, url: str) -> None:
    draft = await node.scheduled()
    sending = await node.publishing.begin(draft, EDITH, DUE)
    assert sending is not None
    await say(node, sending)
    async with opened(url, FakeClock(DUE + 1)) as next_one:
        await next_one.publish_due(DUE + 1, EVER)
        assert len(await next_one.said()) == 1
        found = await next_one.find(draft)
        assert (found.state, found.position, found.sent_at) == (State.PUBLISHED, 2, None)


async def say(node: Node, sending: Draft) -> None:
    """Bring a draft into the log and note nothing, as a server does that dies then."""
    actor = Actor("edith", "Edith")
    await node.desk.handle("night", commands_of(sending, DUE), actor, key=key_of(sending), keeper=KEEPER)


async def test_two_nodes_publish_once(node: Node, url: str) -> None:
    drafts = [await node.scheduled(number) for number in range(5)]
    async with opened(url, node.clock) as other:
        node.clock.now = DUE
        rounds = (each.schedule.publish_due(DUE, sent_before) for each in (node, other) for sent_before in (0, EVER))
        assert all(await asyncio.gather(*rounds))
        await node.publish_due(DUE, EVER)
    assert len(await node.said()) == 5
    assert {(await node.find(each)).position for each in drafts} == {2, 3, 4, 5, 6}


async def test_what_the_log_refuses_is_shown_on_the_draft_and_keeps_its_text(node: Node) -> None:
    draft = await node.scheduled()
    await node.desk.handle("night", (EndBlog(),), Actor("edith", "Edith"))
    assert await node.publish_due(DUE)
    refused = await node.find(draft)
    assert (refused.state, refused.command, refused.revision) == (State.REFUSED, draft.command, 4)
    assert refused.problem is not None
    assert refused.problem.code == "blog_ended"
    assert (refused.sent_at, refused.sender) == (None, None)
    assert len(await node.said()) == 1
    await node.publish_due(DUE + 1)
    assert await node.find(draft) == refused, "it is not tried again"


async def test_an_unfinished_one_is_refused_with_every_fault(node: Node) -> None:
    draft = await node.scheduled(command={"headline": "", "tags": ["x"] * 21})
    await node.publish_due(DUE)
    problem = (await node.find(draft)).problem
    assert problem is not None
    assert problem.code == "invalid_command"
    assert {fault.path for fault in problem.errors} == {"headline", "tags"}


@pytest.mark.parametrize(
    ("held", "published"),
    [
        ([], False),
        ([token("t2", Role.AUTHOR)], False),
        ([token("t2", blogs=("day",))], False),
        ([token("t2", Role.AUTHOR), token("t3", blogs=("day", "night"))], True),
        ([token("t2", Role.ADMIN)], True),
    ],
    ids=["none", "an author's", "another blog's", "one of several", "an admin's"],
)
async def test_who_scheduled_it_must_still_be_an_editor_of_the_blog(
    node: Node, held: list[Token], published: bool
) -> None:
    draft = await node.scheduled()
    await node.tokens.revoke("t1", T0)
    for number, each in enumerate(held):
        await node.tokens.create(each, bytes([number]) * 32)
    assert await node.publish_due(DUE)
    found = await node.find(draft)
    assert len(await node.said()) == published
    assert found.state is (State.PUBLISHED if published else State.REFUSED)
    if not published:
        assert found.problem is not None
        assert found.problem.code == "forbidden"
        assert "Edith" in found.problem.detail


async def test_what_was_said_before_its_editor_left_is_no_refusal(node: Node) -> None:
    draft = await node.scheduled()
    sending = await node.publishing.begin(draft, EDITH, DUE)
    assert sending is not None
    await say(node, sending)
    await node.tokens.revoke("t1", T0)
    await node.publish_due(DUE, EVER)
    assert (await node.find(draft)).state is State.PUBLISHED
    assert len(await node.said()) == 1


async def test_a_text_that_is_another_by_now_is_not_taken_for_what_was_said(node: Node) -> None:
    """For instance if the connection broke at the commit, and the editor went on writing."""
    draft = await node.scheduled()
    sending = await node.publishing.begin(draft, EDITH, DUE)
    assert sending is not None
    await say(node, sending)
    await node.publishing.withdraw(sending, draft)
    changed = structs.replace(draft, revision=4, command=b'{"type":"publish_entry","headline":"Newer"}')
    assert await node.drafts.change(changed, draft)
    with pytest.raises(CommandRejected) as refused:
        await node.publishing.publish(changed, Actor("edith", "Edith"), DUE)
    assert refused.value.code == "idempotency_key_reused"
    assert await node.find(draft) == changed
    assert len(await node.said()) == 1


def break_at_the_commit(node: Node) -> None:
    """Have the log lose its connection once, when what it was given is durable."""
    append = node.log.append

    async def lost(requests: Any) -> Any:
        node.log.append = append  # type: ignore[method-assign] # once
        await append(requests)
        raise LogUnavailable("the connection to the database broke")

    node.log.append = lost  # type: ignore[method-assign, assignment] # as much of it as the sequencer calls


async def test_what_was_committed_though_the_connection_broke_is_published(node: Node) -> None:
    """Or it could be changed, and what it says then would not be what readers have."""
    draft = await node.scheduled(state=State.WRITING, publish_at=None)
    break_at_the_commit(node)
    answer = await node.publishing.publish(draft, Actor("edith", "Edith"), T0)
    assert answer is not None
    assert answer.position == 2
    assert (await node.find(draft)).state is State.PUBLISHED
    assert len(await node.said()) == 1


async def test_what_the_schedule_committed_though_the_connection_broke_stays_as_it_is(node: Node) -> None:
    draft = await node.scheduled()
    break_at_the_commit(node)
    with pytest.raises(LogUnavailable):
        await node.publish_due(DUE)
    assert (await node.find(draft)).sent_at == DUE
    await node.publish_due(DUE + GRACE_MS + 1, DUE + 1)
    assert (await node.find(draft)).state is State.PUBLISHED
    assert len(await node.said()) == 1


async def test_while_the_log_takes_nothing_a_draft_waits(node: Node) -> None:
    """For instance since the server's clock jumped: nothing is written down then."""
    draft = await node.scheduled()
    node.clock.error = LogUnavailable("the server's clock jumped")
    with pytest.raises(LogUnavailable):
        await node.schedule.publish_due(DUE, 0)
    assert await node.find(draft) == draft
    node.clock.error = None
    await node.publish_due(DUE + 5)
    assert len(await node.said()) == 1


async def test_one_that_fails_keeps_no_other_back(node: Node) -> None:
    broken = await node.scheduled(1, publish_at=DUE - 1)
    spoilt = structs.replace(broken, command=b"no JSON")
    assert await node.drafts.change(spoilt, broken)
    well = await node.scheduled(2)
    assert not await node.publish_due(DUE)
    assert (await node.find(well)).state is State.PUBLISHED
    assert (await node.find(broken)).command == b"no JSON"


async def test_a_draft_that_is_taken_off_at_the_last_moment_is_not_published(node: Node) -> None:
    draft = await node.scheduled()
    changed = structs.replace(draft, revision=4, state=State.WRITING, publish_at=None)
    assert await node.drafts.change(changed, draft)
    assert await node.publishing.begin(draft, EDITH, DUE) is None
    await node.publish_due(DUE)
    assert await node.said() == []


async def test_the_timer_is_set_to_the_next_draft_but_looks_every_few_seconds(node: Node) -> None:
    wait = node.schedule._wait_ms
    assert await wait() == LOOK_MS
    draft = await node.scheduled(publish_at=T0 + 3_000)
    assert await wait() == 3_000
    node.clock.now = T0 + 10_000
    assert await wait() == 0
    node.clock.now = T0 - LOOK_MS
    assert await wait() == LOOK_MS
    await node.publish_due(T0 + 3_000)
    assert await wait() == LOOK_MS
    assert (await node.find(draft)).position == 2


@pytest.mark.parametrize("before", ["well", "unwell", "killed"])
async def test_it_runs_by_itself_and_goes_on_after_what_was(node: Node, before: str) -> None:
    """After a failure too; and what a killed server left on its way is sent at once."""
    draft = await node.scheduled()
    if before == "unwell":
        node.clock.error = LogUnavailable("not now")
    if before == "killed":
        await node.publishing.begin(draft, EDITH, DUE)
        node.clock.now = DUE + 1
    async with running(node) as schedule:
        node.clock.now, node.clock.error = DUE + 1, None
        schedule.wake()
        await holds(lambda: _is_published(node, draft))
    assert len(await node.said()) == 1


async def test_what_another_node_is_sending_is_left_to_it_for_a_while(node: Node) -> None:
    async with running(node) as schedule:
        draft = await node.scheduled()
        await node.publishing.begin(draft, EDITH, DUE)
        node.clock.now = DUE + GRACE_MS
        for number in (2, 3):  # the second one is published when the first round is over
            marker = await node.scheduled(number)
            schedule.wake()
            await holds(partial(_is_published, node, marker))
        assert not await _is_published(node, draft)
        node.clock.now = DUE + GRACE_MS + 1
        schedule.wake()
        await holds(lambda: _is_published(node, draft))
    assert len(await node.said()) == 3


@asynccontextmanager
async def running(node: Node) -> AsyncIterator[Schedule]:
    """A schedule that runs, and has asked for the time once."""
    asked: list[bool] = []

    def clock() -> int:
        asked.append(True)
        return node.clock()

    schedule = Schedule(node.drafts, node.publishing, node.tokens, clock)
    task = asyncio.create_task(schedule.run())
    try:
        await holds(lambda: _true_of(asked))
        yield schedule
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _true_of(asked: list[bool]) -> bool:
    return bool(asked)


async def _is_published(node: Node, draft: Draft) -> bool:
    return (await node.find(draft)).state is State.PUBLISHED


async def holds(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not await condition():
            await asyncio.sleep(0.01)
