"""What readers ask of the read models, in a blog of ten entries and in one of fifty thousand: it must cost the same."""

import time
from collections.abc import Awaitable, Callable, Iterator
from statistics import median

import uvloop

from benchmarks.bench import SLUG, Bench
from benchmarks.goals import at_most
from benchmarks.table import Row, Table
from liveblog import main
from liveblog.application.documents import blog_document
from liveblog.application.entry_history import changes, history_document
from liveblog.application.readmodels import EntryQuery
from liveblog.session.wire import encode_event
from liveblog.settings import Settings

_LIMIT = 10
"""Entries and events of a page: what the short blog has."""

_Read = Callable[[], Awaitable[object]]


def measure(bench: Bench) -> Iterator[Table]:
    """Each document as it is made for an answer, without HTTP, which costs the same whatever the blog."""
    sizes = bench.sizes
    short, long = f"{sizes.short:,} entries", f"{sizes.long:,} entries"
    found: dict[tuple[str, str], list[float]] = {}
    for _ in range(sizes.runs):
        for name, url, entries in ((short, bench.short, sizes.short), (long, bench.long, sizes.long)):
            for what, taken in uvloop.run(_read(url, entries, sizes.reads)).items():
                found.setdefault((what, name), []).append(taken)
    rows: list[Row] = []
    for what in dict.fromkeys(what for what, _ in found):
        rows.append(Row(f"{what}, {long}", found[what, long], "us", f"{what}, {short}"))
        rows.append(Row(f"{what}, {short}", found[what, short], "us"))
    goals = [
        at_most(1.5, f"reading, {what}, {long}", median(values) / median(found[what, short]), f"x {short}")
        for (what, name), values in found.items()
        if name == long
    ]
    yield Table(f"reading: pages of {_LIMIT}, SQLite, thread hop included", rows, goals=goals)


async def _read(url: str, entries: int, times: int) -> dict[str, float]:
    async with main.open_store(Settings(database_url=url)) as store:
        models = store.readmodels
        page = await models.entries(SLUG, None, EntryQuery(limit=_LIMIT))
        assert page is not None
        head, middle = page.moment.position, entries // 2 + 1
        entry_id = (await store.event_log.read(page.moment.head.blog_id, middle - 1, 1))[0].record.envelope.entry_id
        assert entry_id is not None

        async def blog(position: int | None) -> object:
            page = await models.entries(SLUG, position, EntryQuery(limit=_LIMIT))
            assert page is not None
            return blog_document(page)

        async def entry() -> object:
            history = await models.history(SLUG, entry_id)
            assert history is not None
            return history_document(history, changes(history))

        async def events(after: int) -> object:
            return [encode_event(each) for each in await store.event_log.read(page.moment.head.blog_id, after, _LIMIT)]

        reads: dict[str, _Read] = {
            "blog now": lambda: blog(None),
            "blog at head - 1": lambda: blog(head - 1),
            "blog at the middle": lambda: blog(middle),
            "entry": entry,
            "events, first page": lambda: events(0),
            "events, last page": lambda: events(head - _LIMIT),
        }
        return {what: await _timed(read, times) for what, read in reads.items()}


async def _timed(read: _Read, times: int) -> float:
    await read()
    begun = time.perf_counter()
    for _ in range(times):
        await read()
    return (time.perf_counter() - begun) / times * 1e6
