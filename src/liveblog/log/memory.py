"""A log in memory, for tests and short-lived rehearsals: the same contract as the stores, nothing kept."""

from collections.abc import Callable, Sequence
from threading import Lock

from liveblog.domain.evolve import Render
from liveblog.log.batch import Batch
from liveblog.log.held import Held
from liveblog.log.lookups import Found
from liveblog.log.record import Record, Recorded
from liveblog.log.request import Accepted, Outcome, Request
from liveblog.log.rows import BlogHead, KeyRow


class MemoryLog:
    """An `EventLog` that forgets everything when it goes.

    Args:
        clock: The wall clock, in milliseconds.
        render: Makes HTML and plain text of Markdown.

    """

    def __init__(self, clock: Callable[[], int], render: Render) -> None:
        self._clock = clock
        self._render = render
        self._lock = Lock()
        self._heads: dict[str, BlogHead] = {}
        self._keys: dict[tuple[str, str, str], KeyRow] = {}
        self._entries: dict[tuple[str, str], Held] = {}
        self._points: dict[tuple[str, str], Held] = {}
        self._recorded: dict[str, list[Recorded]] = {}
        self._records: list[Record] = []
        self._event_ids: set[str] = set()

    async def append(self, requests: Sequence[Request], *, together: bool = False) -> list[Outcome]:
        """See `EventLog.append`."""
        with self._lock:
            batch = Batch(requests, self._clock(), len(self._records), self._render)
            slugs, ids = batch.heads_wanted()
            wanted = {slug: head for slug, head in self._heads.items() if slug in slugs or head.blog_id in ids}
            lookups = batch.lookups(list(wanted.values()))
            entries = {(blog_id, name) for blog_id, _, name in lookups.entries}
            points = {(blog_id, name) for blog_id, _, name in lookups.points}
            found = Found(
                {key: self._keys[key] for key in lookups.keys & self._keys.keys()},
                {key: self._entries[key] for key in entries & self._entries.keys()},
                {key: self._points[key] for key in points & self._points.keys()},
                {blog_id: [each.record.hash for each in self._recorded[blog_id]] for blog_id in lookups.hashes},
                lookups.events & self._event_ids,
            )
            outcomes = batch.run(found, together=together)
            self._keep(batch, outcomes)
            return outcomes

    async def head(self, slug: str) -> BlogHead | None:
        """See `EventLog.head`."""
        return self._heads.get(slug)

    async def is_bound(self, slug: str, actor_id: str, key: str) -> bool:
        """See `EventLog.is_bound`."""
        head = self._heads.get(slug)
        return head is not None and (head.blog_id, actor_id, key) in self._keys

    async def read(self, blog_id: str, after: int, limit: int) -> list[Recorded]:
        """See `EventLog.read`."""
        return self._recorded.get(blog_id, [])[after : after + limit]

    async def read_all(self, after: int, limit: int) -> list[Record]:
        """See `EventLog.read_all`."""
        return self._records[after : after + limit]

    def _keep(self, batch: Batch, outcomes: Sequence[Outcome]) -> None:
        event_ids = {record.envelope.event_id for record in batch.rows.records}
        assert len(event_ids) == len(batch.rows.records), "two events of one id"
        assert event_ids.isdisjoint(self._event_ids), "an event of that id stands already"
        self._event_ids |= event_ids
        for head in batch.touched.values():
            self._heads[head.slug] = head
        for key in batch.rows.keys:
            self._keys[key.blog_id, key.actor_id, key.key] = key
        for row in batch.rows.entries:
            self._entries[row.blog_id, row.entry_id] = Held(row.document, row.valid_from, row.owner)
        for point in batch.rows.points:
            self._points[point.blog_id, point.point_id] = Held(
                point.document, point.valid_from, withdrawn=point.withdrawn
            )
        self._records.extend(batch.rows.records)
        for outcome in outcomes:
            if isinstance(outcome, Accepted):
                self._recorded.setdefault(outcome.blog_id, []).extend(outcome.recorded)
