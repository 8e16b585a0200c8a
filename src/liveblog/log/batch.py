"""A batch: requests that arrived together, decided in order, in memory, while the store holds its lock.

The store asks `heads_wanted`, hands in what it found, asks `Lookups`, hands in what it found, and calls `run`; the
outcomes say what to answer, `rows` what to insert. A refused request leaves no trace: it is folded on a *draft*, which
joins the batch only once all its commands are accepted. Positions come from the heads, so that a rollback leaves no
gap; a key is looked at before any expectation, since a repeat must get its answer however the blog went on.
"""

from collections.abc import Mapping, Sequence

from liveblog.domain.actor import may
from liveblog.domain.commands import StartBlog
from liveblog.domain.evolve import Render
from liveblog.domain.rejection import CommandRejected, invalid
from liveblog.log.draft import Draft
from liveblog.log.held import Held
from liveblog.log.lookups import Found, Lookups, wanted
from liveblog.log.record import Record
from liveblog.log.request import (
    Accepted,
    Adopt,
    Append,
    HistoryDiffers,
    Outcome,
    RefusedTogether,
    Repeated,
    Request,
    WrongExpectedPosition,
)
from liveblog.log.rows import BlogHead, Close, KeyRow, Rows


class Batch:
    """Requests to decide together.

    Args:
        requests: In order of arrival.
        now: The server's clock, read under the lock, in milliseconds.
        log_position: The newest position over all blogs.
        render: Makes the rendering of bodies that came without one.

    """

    def __init__(self, requests: Sequence[Request], now: int, log_position: int, render: Render) -> None:
        self.requests = requests
        self.now = now
        self.log_position = log_position
        self.render = render
        self.rows = Rows.empty()
        self.heads: dict[str, BlogHead] = {}
        """By slug, the blogs that the batch touches, as they are after it."""
        self.touched: dict[str, BlogHead] = {}
        """By blog id, the blogs that the batch changed, as they are after it."""
        self.started: set[str] = set()
        """The ids of the blogs that begin in this batch."""
        self._by_id: dict[str, BlogHead] = {}
        self._found = Found({}, {}, {}, {})

    def heads_wanted(self) -> tuple[list[str], list[str]]:
        """The slugs, and the blog ids, whose heads the batch needs, where they exist."""
        slugs = dict.fromkeys(request.slug for request in self.requests)
        ids = dict.fromkeys(request.start.blog_id for request in self.requests if isinstance(request, Adopt))
        return list(slugs), list(ids)

    def lookups(self, heads: Sequence[BlogHead]) -> Lookups:
        """Take the heads that exist, and say which keys, entries and key points are needed."""
        self.heads = {head.slug: head for head in heads}
        self._by_id = {head.blog_id: head for head in heads}
        return wanted(self.requests, heads)

    def run(self, found: Found, *, together: bool = False) -> list[Outcome]:
        """Decide every request in order.

        Args:
            found: What the store found of the lookups.
            together: Whether the requests stand or fall together.

        Returns:
            One outcome per request. Refusals are returned, not raised: the requests after them go on.

        Raises:
            RefusedTogether: If one was refused and they stand or fall together; nothing may be written then.

        """
        self._found = found
        outcomes: list[Outcome] = []
        for request in self.requests:
            try:
                outcome = self._adopt(request) if isinstance(request, Adopt) else self._append(request)
            except CommandRejected as refusal:
                head = self.heads.get(request.slug)
                refusal.position = None if head is None else head.position
                outcome = refusal
            except (WrongExpectedPosition, HistoryDiffers) as refusal:
                outcome = refusal
            if together and isinstance(outcome, Exception):
                raise RefusedTogether(len(outcomes), outcome)
            outcomes.append(outcome)
        return outcomes

    def _append(self, request: Append) -> Outcome:
        head = self.heads.get(request.slug)
        if head is not None and request.key is not None:
            bound = self._found.keys.get((head.blog_id, request.actor.id, request.key.key))
            if bound is not None:
                return _repeat(head, bound, request.key.fingerprint)
        if head is None and request.start is None:
            raise CommandRejected("no_such_blog", f"There is no blog {request.slug}.")
        if head is not None and request.start is not None:
            raise CommandRejected("slug_taken", f"There is a blog {request.slug} already: choose another slug.")
        _refuse_beyond_role(request)
        if head is not None and request.expected_position not in {None, head.position}:
            raise WrongExpectedPosition(head.position, head.blog.header)
        draft = self._draft(head, request)
        index = 0
        for commit in request.commits:
            try:
                index += draft.commit(commit, request.actor)
            except CommandRejected as refusal:
                refusal.index = index + (refusal.index or 0)
                raise
        first = draft.head.position - len(draft.recorded) + 1
        if request.key is not None:
            draft.rows.keys.append(
                KeyRow(
                    blog_id=draft.head.blog_id,
                    actor_id=request.actor.id,
                    key=request.key.key,
                    fingerprint=request.key.fingerprint,
                    first=first,
                    count=len(draft.recorded),
                    entry_id=draft.entry_named,
                )
            )
        return self._accept(draft)

    def _adopt(self, request: Adopt) -> Outcome:
        head = self._by_id.get(request.start.blog_id)
        named = self.heads.get(request.slug)
        if named is not None and named.blog_id != request.start.blog_id:
            raise CommandRejected("slug_taken", f"Another blog is called {request.slug}: choose another slug.")
        if head is not None and head.slug != request.slug:
            raise CommandRejected(
                "slug_taken", f"This blog is here already, called {head.slug}: import it under that slug."
            )
        known = 0
        if head is not None:
            for ours, theirs in zip(self._found.hashes[head.blog_id], request.records, strict=False):
                known += 1
                if ours != theirs.hash:
                    raise HistoryDiffers(known)
        draft = self._draft(head, request)
        for position, record in enumerate(request.records[known:], known + 1):
            try:
                self._refuse_known_event(record)
                draft.adopt(record)
            except CommandRejected as refusal:
                refusal.index = position - 1
                raise
        self._found.events.update(record.envelope.event_id for record in request.records[known:])
        return self._accept(draft)

    def _refuse_known_event(self, record: Record) -> None:
        if record.envelope.event_id in self._found.events:
            raise invalid("event_id", "An event of another blog has this id: one of the two was not made by a log.")

    def _draft(self, head: BlogHead | None, request: Request) -> Draft:
        if head is None:
            assert request.start is not None
            return Draft.of_new_blog(request.slug, request.start, self)
        return Draft(head, self)

    def entry(self, blog_id: str, entry_id: str) -> Held | None:
        """The newest revision of an entry, the batch's own included."""
        return self._found.entries.get((blog_id, entry_id))

    def point(self, blog_id: str, point_id: str) -> Held | None:
        """The newest revision of a key point, the batch's own included."""
        return self._found.points.get((blog_id, point_id))

    def _accept(self, draft: Draft) -> Accepted:
        head, rows = draft.head, draft.rows
        if rows.closed_entries:
            rows.closed_entries = [each for each in rows.closed_entries if not _ended(each, self._found.entries)]
        if rows.closed_points:
            rows.closed_points = [each for each in rows.closed_points if not _ended(each, self._found.points)]
        self.rows.extend(rows)
        self.log_position += len(draft.recorded)
        self.heads[head.slug] = self._by_id[head.blog_id] = head
        if draft.recorded:
            self.touched[head.blog_id] = head
        if draft.is_new:
            self.started.add(head.blog_id)
            self._found.hashes[head.blog_id] = []
        if (hashes := self._found.hashes.get(head.blog_id)) is not None:
            hashes.extend(recorded.record.hash for recorded in draft.recorded)
        for name, held in draft.entries.items():
            self._found.entries[head.blog_id, name] = held
        for name, held in draft.points.items():
            self._found.points[head.blog_id, name] = held
        for key in rows.keys:
            self._found.keys[key.blog_id, key.actor_id, key.key] = key
        return Accepted(
            blog_id=head.blog_id,
            slug=head.slug,
            epoch=head.epoch,
            edition=head.edition,
            position=head.position,
            recorded=tuple(draft.recorded),
            entry=draft.entry_document(),
        )


def _refuse_beyond_role(request: Append) -> None:
    proposals = (proposal for commit in request.commits for proposal in commit.proposals)
    for index, proposal in enumerate(proposals):
        role = (proposal.actor or request.actor).role
        if not isinstance(proposal.command, StartBlog) and not may(role, proposal.command):
            refusal = CommandRejected("forbidden", f"The role {role} does not allow this: ask an editor.")
            refusal.index = index
            raise refusal


def _ended(close: Close, found: Mapping[tuple[str, str], Held]) -> bool:
    """Let a revision end in its own row, if this batch made it: a store need not change what it is about to insert."""
    row = found[close.blog_id, close.name].row
    if row is None:
        return False
    row.valid_to = close.valid_to
    return True


def _repeat(head: BlogHead, bound: KeyRow, fingerprint: bytes) -> Repeated:
    if bound.fingerprint != fingerprint:
        raise CommandRejected(
            "idempotency_key_reused",
            "This Idempotency-Key stands for another request: make a new key for a new request.",
        )
    return Repeated(
        blog_id=head.blog_id,
        slug=head.slug,
        epoch=head.epoch,
        edition=head.edition,
        first=bound.first,
        count=bound.count,
        entry_id=bound.entry_id,
    )
