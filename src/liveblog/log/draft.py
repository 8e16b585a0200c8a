"""One request's fold, apart from the batch until it is accepted whole."""

import msgspec
from msgspec import Struct, structs

from liveblog.domain import instant, limits
from liveblog.domain.actor import Actor
from liveblog.domain.commands import StartBlog, entry_named, point_named
from liveblog.domain.decide import decide
from liveblog.domain.entry import OwnedEntry
from liveblog.domain.events import EntryPublished, Event
from liveblog.domain.evolve import Stamp, evolve
from liveblog.domain.header import PointState
from liveblog.domain.rejection import CommandRejected, invalid
from liveblog.domain.rendering import Rendering
from liveblog.domain.state import State, initial_state
from liveblog.log.canonical import canonical
from liveblog.log.chain import commit_to, genesis, link
from liveblog.log.codec import CODEC
from liveblog.log.ground import Ground
from liveblog.log.held import Held
from liveblog.log.record import Effect, Envelope, Record, Recorded
from liveblog.log.request import Commit, NewBlog, Proposal
from liveblog.log.rows import (
    BlogHead,
    Close,
    CountsRow,
    EntryRevision,
    HeaderRevision,
    PointRevision,
    Rows,
    marks_of,
)

_encode = msgspec.json.encode


class _Step(Struct, gc=False):
    event: Event
    proposal: Proposal
    actor: Actor
    effect: Effect


class Draft:
    """The fold of one request on top of a blog's head."""

    def __init__(self, head: BlogHead, ground: Ground) -> None:
        self.head = head
        self.is_new = False
        self.rows = Rows.empty()
        self.recorded: list[Recorded] = []
        self.entries: dict[str, Held] = {}
        self.points: dict[str, Held] = {}
        self.entry_named: str | None = None
        self.bounded = True
        """Whether documents that are too long are refused: what stands in this very log is not."""
        self._ground = ground

    @classmethod
    def of_new_blog(cls, slug: str, start: NewBlog, ground: Ground) -> "Draft":
        """The fold of a blog that begins with this request."""
        head = BlogHead(
            blog_id=start.blog_id,
            slug=slug,
            epoch=start.epoch,
            edition=start.edition,
            generation=1,
            position=0,
            hash=genesis(start.blog_id),
            at=instant.EARLIEST,
            blog=initial_state(slug).blog,
        )
        draft = cls(head, ground)
        draft.is_new = True
        return draft

    def commit(self, commit: Commit, actor: Actor) -> int:
        """Decide the proposals of one commit; its events share an instant and a `commit_end`.

        Returns:
            How many commands it held.

        Raises:
            CommandRejected: With the `index` of the command in this commit.

        """
        now = self._ground.now
        if commit.at is not None and commit.at > now:
            raise invalid("at", f"{instant.show(commit.at)} has not come yet: coverage lies in the past.")
        at = max(now if commit.at is None else commit.at, self.head.at)
        before = self.head
        steps: list[_Step] = []
        for index, proposal in enumerate(commit.proposals):
            try:
                step = self._decide(proposal, proposal.actor or actor, at)
            except CommandRejected as refusal:
                refusal.index = index
                raise
            if step is not None:
                steps.append(step)
        self._record(steps, before, at, commit)
        return len(commit.proposals)

    def adopt(self, record: Record) -> None:
        """Fold a record of another copy as it is; only its log position is new."""
        envelope = record.envelope
        assert record.payload is not None
        event, actor = CODEC.decode(envelope, record.payload)
        effect = self.follow(event, actor, instant.parse(envelope.at), record.hash)
        placed = structs.replace(record, log_position=self._ground.log_position + len(self.recorded) + 1)
        self._keep(Recorded(placed, effect))

    def follow(self, event: Event, actor: Actor, at: int, chained: bytes) -> Effect:
        """Fold an event that stands in a log already, under the hash that it has there."""
        effect = self._apply(event, actor, at, self._state_for(event), rendering=None)
        self.head = structs.replace(self.head, hash=chained, at=at)
        return effect

    def entry_document(self) -> bytes | None:
        """The document of the entry that the last command to name one named."""
        if self.entry_named is None:
            return None
        held = self._entry(self.entry_named)
        return None if held is None else held.document

    def _decide(self, proposal: Proposal, actor: Actor, at: int) -> _Step | None:
        command = proposal.command
        state = State(self.head.blog)
        if not isinstance(command, StartBlog):
            entry_id, point_id = entry_named(command), point_named(command)
            held = None if entry_id is None else self._entry(entry_id)
            point = None if point_id is None else self._point(point_id)
            state = State(
                self.head.blog,
                None if held is None else held.as_entry(),
                None if point is None else point.as_point(),
            )
            self.entry_named = entry_id or self.entry_named
        event = decide(command, state, actor, at)
        if event is None:
            return None
        if isinstance(event, EntryPublished) and proposal.published_at_estimated:
            event = structs.replace(event, published_at_estimated=True)
        effect = self._apply(event, actor, at, state, proposal.rendering)
        return _Step(event, proposal, actor, effect)

    def _state_for(self, event: Event) -> State:
        entry_id, point_id = getattr(event, "entry_id", None), getattr(event, "point_id", None)
        held = None if entry_id is None else self._entry(entry_id)
        point = None if point_id is None else self._point(point_id)
        return State(
            self.head.blog, None if held is None else held.as_entry(), None if point is None else point.as_point()
        )

    def _apply(self, event: Event, actor: Actor, at: int, state: State, rendering: Rendering | None) -> Effect:
        """Fold an event at the next position and keep the read models' rows."""
        position = self.head.position + 1

        def render(source: str) -> Rendering:
            return rendering or self._ground.render(source)

        after = evolve(state, event, Stamp(position, at, actor), render)
        before = self.head.blog
        self.head = structs.replace(self.head, position=position, blog=after.blog)
        entry = self._keep_entry(after.entry) if after.entry is not None and after.entry is not state.entry else None
        if after.point is not None and after.point is not state.point:
            self._keep_point(after.point)
        header = None
        included: tuple[bytes, ...] = ()
        if after.blog.header is not before.header and after.blog.header != before.header:
            header = self._keep_header()
            room = limits.MESSAGE_BYTES - limits.EVENT_MARGIN_BYTES - len(header) - len(entry or b"")
            included = self._included(None if entry is None else after.entry, room)
        counts = after.blog.counts
        self.rows.counts.append(
            CountsRow(blog_id=self.head.blog_id, generation=self.head.generation, position=position, counts=counts)
        )
        return Effect(entry, header, included, counts)

    def _keep_entry(self, owned: OwnedEntry) -> bytes:
        document, entry = _encode(owned.document), owned.document
        if self.bounded and len(document) > limits.ENTRY_BYTES:
            raise invalid("body", f"The entry would be {len(document)} bytes long; at most {limits.ENTRY_BYTES} fit.")
        row = EntryRevision(
            blog_id=self.head.blog_id,
            generation=self.head.generation,
            entry_id=entry.id,
            valid_from=entry.position,
            published_at=instant.parse(entry.published_at),
            first_position=entry.first_position,
            owner=owned.owner,
            marks=marks_of(entry),
            document=document,
        )
        if (held := self._entry(entry.id)) is not None:
            self._end(held, entry.id, entry.position, self.rows.closed_entries)
        self.rows.entries.append(row)
        self.entries[entry.id] = Held(document, entry.position, owned.owner, row=row, entry=owned)
        return document

    def _keep_point(self, state: PointState) -> None:
        point = state.point
        row = PointRevision(
            blog_id=self.head.blog_id,
            generation=self.head.generation,
            point_id=point.id,
            valid_from=point.position,
            withdrawn=state.withdrawn,
            document=_encode(point),
        )
        if (held := self._point(point.id)) is not None:
            self._end(held, point.id, point.position, self.rows.closed_points)
        self.rows.points.append(row)
        self.points[point.id] = Held(row.document, point.position, withdrawn=state.withdrawn, row=row, point=state)

    def _keep_header(self) -> bytes:
        head = self.head
        document = _encode(head.blog.header)
        if self.bounded and len(document) > limits.HEADER_BYTES:
            raise invalid("", f"The header would be {len(document)} bytes long; at most {limits.HEADER_BYTES} fit.")
        row = HeaderRevision(
            blog_id=head.blog_id, generation=head.generation, valid_from=head.position, document=document
        )
        self.rows.headers.append(row)
        return document

    def _end(self, held: Held, name: str, position: int, closed: list[Close]) -> None:
        """Let a revision end where the next begins: in its row if that is not written yet, else by an update."""
        if held.row is not None and name in (self.entries if isinstance(held.row, EntryRevision) else self.points):
            held.row.valid_to = position
            return
        closed.append(
            Close(
                blog_id=self.head.blog_id,
                generation=self.head.generation,
                name=name,
                valid_from=held.valid_from,
                valid_to=position,
            )
        )

    def _included(self, own: OwnedEntry | None, room: int) -> tuple[bytes, ...]:
        documents = []
        for name in self.head.blog.header.entries_named():
            held = None if own is not None and name == own.document.id else self._entry(name)
            if held is not None and len(held.document) < room:
                room -= len(held.document) + 1
                documents.append(held.document)
        return tuple(documents)

    def _record(self, steps: list[_Step], before: BlogHead, at: int, commit: Commit) -> None:
        """Number, sign and chain the events of a commit."""
        if not steps:
            return
        shown, recorded_at = instant.show(at), instant.show(self._ground.now)
        end = before.position + len(steps)
        previous = before.hash
        for position, step in enumerate(steps, before.position + 1):
            name, version = CODEC.name_of(step.event)
            envelope = Envelope(
                blog_id=before.blog_id,
                position=position,
                event_id=step.proposal.event_id,
                event_type=name,
                schema_version=version,
                at=shown,
                at_estimated=commit.at_estimated,
                recorded_at=recorded_at,
                commit_end=end,
                **CODEC.envelope_parts(step.event),
            )
            envelope_bytes, payload = canonical(envelope), CODEC.payload(step.event, step.actor)
            commitment = commit_to(step.proposal.salt, payload)
            previous = link(previous, envelope_bytes, commitment)
            record = Record(
                log_position=self._ground.log_position + len(self.recorded) + 1,
                envelope=envelope,
                envelope_bytes=envelope_bytes,
                payload=payload,
                salt=step.proposal.salt,
                commitment=commitment,
                hash=previous,
            )
            self._keep(Recorded(record, step.effect))
        self.head = structs.replace(self.head, hash=previous, at=at)

    def _keep(self, recorded: Recorded) -> None:
        self.recorded.append(recorded)
        self.rows.records.append(recorded.record)

    def _entry(self, entry_id: str) -> Held | None:
        return self.entries.get(entry_id) or self._ground.entry(self.head.blog_id, entry_id)

    def _point(self, point_id: str) -> Held | None:
        return self.points.get(point_id) or self._ground.point(self.head.blog_id, point_id)
