"""Idempotency: under its key a request is applied once, and every repeat gets the first answer."""

from domain.scene import AUTHOR, EDITOR
from liveblog.domain.actor import Actor
from liveblog.domain.commands import EndBlog, ReviseEntry
from liveblog.log.port import EventLog
from liveblog.log.request import Accepted, Repeated
from log.build import Build, accept, refuse, rejection, repeat
from log.whole import assert_whole


class Keys:
    """What a key stands for."""

    async def test_the_same_request_again_is_answered_and_not_applied(self, log: EventLog) -> None:
        build = Build()
        entry = build.entry()
        (started,) = await accept(log, build.start("night"))
        (done,) = await accept(log, build.append("night", build.entry(), entry, key="k"))
        await accept(log, build.append("night", build.entry()))
        # As a client sends it again: new ids and salts were made for it, the fingerprint is that of the words.
        again = await repeat(log, build.append("night", build.entry(), build.entry(), key="k"))
        assert again == Repeated(
            blog_id=started.blog_id,
            slug="night",
            epoch=started.epoch,
            edition=started.edition,
            first=2,
            count=2,
            entry_id=entry.entry_id,
        )
        assert await log.read(again.blog_id, again.first - 1, again.count) == list(done.recorded)
        assert len(await assert_whole(log, "night")) == 4

    async def test_a_repeat_is_answered_however_the_blog_went_on(self, log: EventLog) -> None:
        """The key is looked at before the role, the expected position and the rules."""
        build = Build()
        await accept(log, build.start("night"))
        await accept(log, build.append("night", build.entry(), key="k", expected=1))
        await accept(log, build.append("night", EndBlog()))
        again = await repeat(log, build.append("night", build.entry(), key="k", expected=1))
        assert (again.first, again.count) == (2, 1)
        demoted = Actor(EDITOR.id, EDITOR.name, AUTHOR.role)
        again = await repeat(log, build.append("night", EndBlog(), key="k", by=demoted))
        assert (again.first, again.count) == (2, 1)

    async def test_another_request_under_a_bound_key_is_refused(self, log: EventLog) -> None:
        build = Build()
        await accept(log, build.start("night"), build.append("night", build.entry(), key="k"))
        other = build.append("night", build.entry(), key="k", fingerprint=b"other", expected=9)
        assert (await refuse(log, other)).code == "idempotency_key_reused"
        assert len(await assert_whole(log, "night")) == 2
        assert (await repeat(log, build.append("night", build.entry(), key="k"))).first == 2

    async def test_the_same_key_twice_in_a_batch_is_one_request(self, log: EventLog) -> None:
        build = Build()
        await accept(log, build.start("night"))
        requests = [build.append("night", build.entry(), key="k") for _ in range(3)]
        other = build.append("night", build.entry(), key="k", fingerprint=b"other")
        first, second, differing, third = await log.append([requests[0], requests[1], other, requests[2]])
        assert isinstance(first, Accepted)
        assert isinstance(second, Repeated)
        assert isinstance(third, Repeated)
        assert second == third
        assert (second.first, second.count) == (2, 1)
        assert second.entry_id == first.recorded[0].record.envelope.entry_id
        assert rejection(differing).code == "idempotency_key_reused"
        assert len(await assert_whole(log, "night")) == 2

    async def test_a_request_that_changed_nothing_binds_its_key(self, log: EventLog) -> None:
        build = Build()
        entry = build.entry(body="same")
        name = entry.entry_id or ""
        await accept(log, build.start("night", entry))
        (done,) = await accept(log, build.append("night", ReviseEntry(entry_id=name, body="same"), key="k"))
        assert done.recorded == ()
        await accept(log, build.append("night", ReviseEntry(entry_id=name, body="other")))
        again = await repeat(log, build.append("night", ReviseEntry(entry_id=name, body="same"), key="k"))
        assert (again.count, again.entry_id) == (0, name)
        assert len(await assert_whole(log, "night")) == 3

    async def test_a_refused_request_binds_nothing(self, log: EventLog) -> None:
        build = Build()
        name = build.id()
        await accept(log, build.start("night"))
        edit = ReviseEntry(entry_id=name, body="x")
        assert (await refuse(log, build.append("night", build.entry(), edit, key="k"))).code == "no_such_entry"
        await accept(log, build.append("night", build.entry(entry_id=name), key="k", fingerprint=b"other"))
        assert len(await assert_whole(log, "night")) == 2

    async def test_a_refusal_and_its_repeat_in_one_batch_bind_nothing(self, log: EventLog) -> None:
        build = Build()
        entry = build.entry()
        edit = ReviseEntry(entry_id=entry.entry_id or "", body="x")
        await accept(log, build.start("night"))
        refused, _, done = await log.append(
            [build.append("night", edit, key="k"), build.append("night", entry), build.append("night", edit, key="k")]
        )
        assert rejection(refused).code == "no_such_entry"
        assert isinstance(done, Accepted)
        assert done.position == 3

    async def test_a_key_belongs_to_its_blog_and_its_actor(self, log: EventLog) -> None:
        build = Build()
        await accept(log, build.start("night"), build.start("day"))
        await accept(log, build.append("night", build.entry(), key="k"))
        await accept(log, build.append("day", build.entry(), key="k", fingerprint=b"other"))
        await accept(log, build.append("night", build.entry(), key="k", by=AUTHOR, fingerprint=b"other"))
        await accept(log, build.append("night", build.entry(), key="K", fingerprint=b"other"))
        renamed = Actor(EDITOR.id, "Another Name", EDITOR.role)
        assert (await repeat(log, build.append("night", build.entry(), key="k", by=renamed))).first == 2
        assert len(await assert_whole(log, "night")) == 4

    async def test_a_start_is_repeated_by_its_key(self, log: EventLog) -> None:
        build = Build()
        (started,) = await accept(log, build.start("night", key="k"))
        again = await repeat(log, build.start("night", key="k"))
        assert (again.blog_id, again.epoch, again.edition) == (started.blog_id, started.epoch, started.edition)
        assert (again.first, again.count, again.entry_id) == (1, 1, None)
        other = build.start("night", key="k", fingerprint=b"other")
        assert (await refuse(log, other)).code == "idempotency_key_reused"
        assert (await refuse(log, build.start("night", key="new"))).code == "slug_taken"
        assert (await refuse(log, build.start("night"))).code == "slug_taken"
        assert len(await assert_whole(log, "night")) == 1

    async def test_a_start_and_its_repeat_may_share_a_batch(self, log: EventLog) -> None:
        build = Build()
        first, second = await log.append([build.start("night", key="k"), build.start("night", key="k")])
        assert isinstance(first, Accepted)
        assert isinstance(second, Repeated)
        assert second.blog_id == first.blog_id
        assert len(await log.read_all(0, 10)) == 1

    async def test_requests_without_a_key_are_applied_each_time(self, log: EventLog) -> None:
        build = Build()
        await accept(log, build.start("night"))
        await accept(log, build.append("night", build.entry(body="x")), build.append("night", build.entry(body="x")))
        assert len(await assert_whole(log, "night")) == 3

    async def test_whether_a_key_is_bound_can_be_asked(self, log: EventLog) -> None:
        build = Build()
        await accept(log, build.start("night", key="start"), build.start("day"))
        await refuse(log, build.append("night", ReviseEntry(entry_id=build.id(), body="x"), key="refused"))
        await accept(log, build.append("night", build.entry(), key="k"))
        assert await log.is_bound("night", EDITOR.id, "k")
        assert await log.is_bound("night", EDITOR.id, "start")
        assert not await log.is_bound("night", EDITOR.id, "refused")
        assert not await log.is_bound("night", AUTHOR.id, "k")
        assert not await log.is_bound("day", EDITOR.id, "k")
        assert not await log.is_bound("nowhere", EDITOR.id, "k")
