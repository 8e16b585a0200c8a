"""What one command costs in a blog of ten entries and in one of fifty thousand: it must be the same."""

import time
from collections.abc import Iterator
from statistics import median

import uvloop

from benchmarks import material
from benchmarks.bench import SLUG, Bench
from benchmarks.goals import at_most
from benchmarks.table import Row, Table
from liveblog import main
from liveblog.domain.commands import CorrectEntry, PublishEntry
from liveblog.domain.decide import decide
from liveblog.domain.evolve import Stamp, evolve
from liveblog.domain.rendering import Rendering
from liveblog.domain.state import State, initial_state
from liveblog.settings import Settings

_US = 1e6


def measure(bench: Bench) -> Iterator[Table]:
    """The pure fold, and the whole way through the log."""
    sizes = bench.sizes
    short, long = f"at {sizes.short:,} entries", f"at {sizes.long:,} entries"
    folds: dict[str, list[float]] = {short: [], long: []}
    groups: dict[str, list[tuple[float, float]]] = {short: [], long: []}
    singles: dict[str, list[tuple[float, float]]] = {short: [], long: []}
    states = {short: _folded(sizes.short), long: _folded(sizes.long)}
    for number in range(sizes.runs):
        for name, original in ((short, bench.short), (long, bench.long)):
            folds[name].append(_fold(states[name], sizes.folds))
            url = bench.sqlite(original)
            groups[name].append(uvloop.run(_append(url, sizes.appends // 8, material.GROUP, number)))
            singles[name].append(uvloop.run(_append(url, sizes.single_appends, 1, number)))
            bench.remove(url)
    rows = [Row(long, folds[long], "us", short), Row(short, folds[short], "us")]
    yield Table("folding: decide and evolve, per event", rows)
    for how, found in (("groups of 64", groups), ("one by one", singles)):
        rows = []
        for index, what in enumerate(("", "processor time ")):
            of_long, of_short = ([each[index] for each in found[name]] for name in (long, short))
            rows += [Row(what + long, of_long, "us", what + short), Row(what + short, of_short, "us")]
        ratio = median(each[0] for each in found[long]) / median(each[0] for each in found[short])
        goals = [at_most(1.5, f"a post, {how}, {long}", ratio, f"x {short}")]
        yield Table(f"folding: through the log on SQLite, {how}, per event", rows, goals=goals)


def _folded(entries: int) -> State:
    """The state of a blog after so many publications, folded one by one."""
    state = initial_state(SLUG)
    for number in range(1, entries + 1):
        state = _publish(State(state.blog), number)
    return state


def _fold(state: State, count: int) -> float:
    """Microseconds per event: half of them publish, half correct what was just published."""
    position = state.blog.counts.entries
    begun = time.perf_counter()
    for number in range(count // 2):
        state = _publish(State(state.blog), position + 2 * number + 1)
        assert state.entry is not None
        correct = CorrectEntry(
            entry_id=state.entry.document.id,
            body=f"Three, not two {number}.",
            was="two",
            now="three",
            reason="A count.",
        )
        state = _apply(state, correct, position + 2 * number + 2)
    return (time.perf_counter() - begun) / count * _US


def _publish(state: State, position: int) -> State:
    return _apply(state, PublishEntry(entry_id=f"{position}", body="Two bases were hit."), position)


def _apply(state: State, command: PublishEntry | CorrectEntry, position: int) -> State:
    event = decide(command, state, material.ACTOR, position)
    assert event is not None
    return evolve(state, event, Stamp(position, position, material.ACTOR), _render)


async def _append(url: str, events: int, size: int, seed: int) -> tuple[float, float]:
    """Microseconds per event, of the clock and of the processor."""
    requests = material.posts(SLUG, events, seed)
    async with main.open_store(Settings(database_url=url)) as store:
        await store.event_log.head(SLUG)
        await material.append(store.event_log, material.posts(SLUG, size, -1 - seed))
        begun, used = time.perf_counter(), time.process_time()
        for group in material.groups(requests, size):
            await material.append(store.event_log, group)
        return (time.perf_counter() - begun) / events * _US, (time.process_time() - used) / events * _US


_RENDERED = material.RENDERER.render("Two bases were hit.")


def _render(source: str) -> Rendering:
    del source
    return _RENDERED
