"""The composition root: settings in, a wired application out; it opens what it needs and closes what it opened."""

import asyncio
import contextlib
import gc
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from liveblog.application.access import Access
from liveblog.application.census import take
from liveblog.application.desk import Desk, new_epoch
from liveblog.application.draft_desk import DraftDesk
from liveblog.application.hub import Hub
from liveblog.application.importer import Imported, Importer
from liveblog.application.importing.sources import Source
from liveblog.application.publishing import Publishing
from liveblog.application.rendering import Renderer
from liveblog.application.schedule import Schedule
from liveblog.application.shared_replays import SharedReplays
from liveblog.application.tally import Tally
from liveblog.application.turns import UVLOOP_TICKS, Turns
from liveblog.application.wallclock import WallClock
from liveblog.log.memory import MemoryLog
from liveblog.log.request import LogUnavailable
from liveblog.session.page import Item
from liveblog.session.terms import Reconnect
from liveblog.settings import Settings
from liveblog.storage.drafts import SqlDraftStore
from liveblog.storage.epochs import SqlEpochs
from liveblog.storage.evidence import SqlEvidence
from liveblog.storage.log import SqlLog
from liveblog.storage.metered import Metered
from liveblog.storage.opening import open_database
from liveblog.storage.presences import SqlPresenceStore
from liveblog.storage.readmodels import SqlReadModels
from liveblog.storage.rebuilding import SqlGenerations
from liveblog.storage.schema import SchemaOutdated, require_current
from liveblog.storage.tidemark import Tidemark
from liveblog.storage.tokens import SqlTokenStore
from liveblog.web.admission import Admission
from liveblog.web.app import build
from liveblog.web.connection import Limits
from liveblog.web.logs import configure_logging
from liveblog.web.readiness import NotReady, Readiness
from liveblog.web.server import Server, bind, make_server
from liveblog.web.services import Services

SWITCH_INTERVAL_S = 0.0001
"""With Python's default a busy loop starves the thread that writes to SQLite: 31 posts a second instead of 446."""
GARBAGE = 1_000, 10, 500
"""When garbage is looked for: often among what is new, a few milliseconds each time, and seldom among everything. With
Python's defaults a storm of 5,000 newcomers had all that readers hold walked five times, up to 75 ms each."""
_AGAIN_S = 0.5
"""Pause before work that failed begins again, in seconds."""
_LOOK_S = 1.0
"""How often the log is looked at even if nobody said that it changed, in seconds."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Store:
    """A log with everything that needs no server."""

    database: Metered
    event_log: SqlLog
    readmodels: SqlReadModels
    tokens: SqlTokenStore
    drafts: SqlDraftStore
    presences: SqlPresenceStore
    evidence: SqlEvidence
    epochs: SqlEpochs
    generations: SqlGenerations
    importer: Importer
    renderer: Renderer
    clock: Callable[[], int]
    tally: Tally


def wall() -> int:
    """The wall clock, in milliseconds."""
    return time.time_ns() // 1_000_000


def boot() -> int:
    """The time since boot, sleep included, in milliseconds."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """Open the log that the settings name.

    Raises:
        SchemaOutdated: If the schema is not this release's; the text says which command to run.
        LogUnavailable: If the database cannot be reached.

    """
    clock, renderer, tally = WallClock(wall, boot), Renderer(), Tally()
    database = Metered(await open_database(settings.database_url), tally)
    try:
        event_log = SqlLog(database, clock, renderer.render)
        yield Store(
            database=database,
            event_log=event_log,
            readmodels=SqlReadModels(database),
            tokens=SqlTokenStore(database),
            drafts=SqlDraftStore(database),
            presences=SqlPresenceStore(database),
            evidence=SqlEvidence(database),
            epochs=SqlEpochs(database, new_epoch, wall),
            generations=SqlGenerations(database, renderer, wall),
            importer=Importer(event_log, renderer),
            renderer=renderer,
            clock=clock,
            tally=tally,
        )
    finally:
        await database.close()


async def serve(settings: Settings, ready: Callable[[str], None] | None = None) -> None:
    """Serve until told to stop (SIGTERM, SIGINT), then let readers go and finish what was begun.

    Args:
        settings: What and where.
        ready: Told the address when the server accepts; without it, a line goes to standard error.

    """
    configure_logging(settings.log_level)
    async with open_store(settings) as store, serving(settings, store) as services:
        # What is there by now stays to the end: walking it for garbage held up every reader for a tenth of a second.
        gc.freeze()
        gc.set_threshold(*GARBAGE)
        await listen(settings, services, ready)


async def listen(settings: Settings, services: Services, ready: Callable[[str], None] | None = None) -> None:
    """Take connections until told to stop.

    Raises:
        CannotListen: If the address is taken or none of ours.

    """
    await make(settings, services, ready).serve([bind(settings.host, settings.port)])


def make(settings: Settings, services: Services, ready: Callable[[str], None] | None = None) -> Server:
    """A server that does not listen yet."""
    return make_server(
        build(services),
        trusted_proxies=settings.trusted_proxies,
        limits=Limits(
            sockets=settings.max_sockets,
            handshake_s=settings.handshake_s,
            body_s=settings.body_s,
            idle_s=settings.idle_s,
            stall_s=settings.stall_s,
        ),
        compression=settings.compression,
        drain_s=settings.drain_s,
        closing_s=settings.closing_s,
        shutdown_s=settings.shutdown_s,
        ready=ready,
        readiness=services.readiness,
    )


@asynccontextmanager
async def serving(settings: Settings, store: Store) -> AsyncIterator[Services]:
    """Run what works beside the requests: the sequencer, the tail of the log, the heartbeats."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)

    async def changed() -> None:
        await store.database.wait_for_change(_LOOK_S)

    def publish(blog_id: str, items: tuple[Item, ...]) -> None:
        tally.appended += len(items)
        hub.publish(blog_id, items)

    async def look() -> None:
        try:
            await store.database.read(require_current)
        except (LogUnavailable, SchemaOutdated) as error:
            raise NotReady(str(error)) from None

    def gauges() -> dict[str, float]:
        return {
            "commands_waiting": desk.sequencer.waiting,
            "database_seen_age_seconds": time.monotonic() - store.database.seen_at,
            "draining": readiness.draining,
            "page_bytes": hub.shelf.bytes,
            "streams": admission.streams,
        }

    tally = store.tally
    hub = Hub(store.event_log, store.readmodels, changed, tally, Turns(UVLOOP_TICKS))
    replays = SharedReplays(store.readmodels, wall)
    desk = Desk(store.event_log, store.readmodels, store.renderer, publish)
    publishing = Publishing(store.drafts, desk, store.event_log)
    schedule = Schedule(store.drafts, publishing, store.tokens, store.clock)
    readiness = Readiness(look, time.monotonic)
    admission = Admission(
        settings.max_connections,
        settings.max_connections_per_address,
        settings.command_rate,
        time.monotonic,
        tally,
    )
    access = Access(store.tokens, time.monotonic)
    services = Services(
        event_log=store.event_log,
        readmodels=store.readmodels,
        desk=desk,
        hub=hub,
        replays=replays,
        access=access,
        drafts=DraftDesk(store.drafts, publishing, store.clock, schedule.wake),
        presences=store.presences,
        renderer=store.renderer,
        admission=admission,
        wall=wall,
        heartbeat_s=settings.heartbeat_s,
        reconnect=Reconnect(settings.reconnect_min_ms, settings.reconnect_max_ms, settings.reconnect_jitter_ms),
        max_body=settings.max_body,
        tally=tally,
        readiness=readiness,
        allowed_origins=settings.allowed_origins,
        census=lambda: take(hub.feeds()),
        gauges=gauges,
    )
    tidemark = await _checked_tidemark(store)
    works = {
        "sequencer": desk.sequencer.run,
        "follow": hub.follow,
        "heartbeats": lambda: hub.beat(settings.heartbeat_s, settings.stall_s, wall),
        "tidemark": tidemark.keep,
        "schedule": schedule.run,
    }
    if outdated := await store.generations.outdated():
        log.warning("rendered_by_another_release", blogs=outdated, run="liveblog rebuild")
    beside = [asyncio.create_task(_keep_going(name, work, tally), name=name) for name, work in works.items()]
    for note in store.database.notes:
        log.warning("database_note", note=note)
    try:
        yield services
    finally:
        replays.stop()
        for task in beside:
            task.cancel()
        for task in beside:
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _checked_tidemark(store: Store) -> Tidemark:
    """See that the log is as far as it was when it was served last."""
    tidemark = Tidemark(store.database, store.epochs)
    if renewed := await tidemark.check():
        log.warning("database_restored", blogs=len(renewed), done="renewed their epochs: readers begin anew")
    return tidemark


async def _keep_going(name: str, work: Callable[[], Awaitable[None]], tally: Tally) -> None:
    """Run what never ends, and begin again if a defect of ours ends it: readers must not fall silent."""
    while True:
        try:
            await work()
        except Exception:
            tally.work_failures[name] += 1
            log.exception("work_failed", work=name)
        await asyncio.sleep(_AGAIN_S)


async def rehearse(sources: list[Source]) -> list[Imported]:
    """Import into a log that forgets: what an import would do to a database without these blogs.

    Raises:
        ImportRefused: As the import would.

    """
    renderer = Renderer()
    return await Importer(MemoryLog(wall, renderer.render), renderer).bring_in(sources)
