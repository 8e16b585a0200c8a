"""The composition root: settings in, a wired application out; it opens what it needs and closes what it opened."""

import asyncio
import contextlib
import gc
import logging
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from liveblog.application.access import Access
from liveblog.application.desk import Desk
from liveblog.application.hub import Hub
from liveblog.application.importer import Imported, Importer
from liveblog.application.importing.sources import Source
from liveblog.application.rendering import Renderer
from liveblog.application.wallclock import WallClock
from liveblog.log.memory import MemoryLog
from liveblog.session.terms import Reconnect
from liveblog.settings import Settings
from liveblog.storage.database import Database
from liveblog.storage.log import SqlLog
from liveblog.storage.opening import open_database
from liveblog.storage.readmodels import SqlReadModels
from liveblog.storage.tokens import SqlTokenStore
from liveblog.web.admission import Admission
from liveblog.web.app import build
from liveblog.web.server import bind, make_server
from liveblog.web.services import Services

SWITCH_INTERVAL_S = 0.0001
"""With Python's default a busy loop starves the thread that writes to SQLite: 31 posts a second instead of 446."""
_AGAIN_S = 0.5
"""Pause before work that failed begins again, in seconds."""
_LOOK_S = 1.0
"""How often the log is looked at even if nobody said that it changed, in seconds."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Store:
    """A log with everything that needs no server."""

    database: Database
    event_log: SqlLog
    readmodels: SqlReadModels
    tokens: SqlTokenStore
    importer: Importer
    renderer: Renderer
    clock: Callable[[], int]


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
    clock, renderer = WallClock(wall, boot), Renderer()
    database = await open_database(settings.database_url)
    try:
        event_log = SqlLog(database, clock, renderer.render)
        yield Store(
            database=database,
            event_log=event_log,
            readmodels=SqlReadModels(database),
            tokens=SqlTokenStore(database),
            importer=Importer(event_log, renderer),
            renderer=renderer,
            clock=clock,
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
        await listen(settings, services, ready)


async def listen(settings: Settings, services: Services, ready: Callable[[str], None] | None = None) -> None:
    """Take connections until told to stop.

    Raises:
        CannotListen: If the address is taken or none of ours.

    """
    server = make_server(
        build(services),
        trusted_proxies=settings.trusted_proxies,
        shutdown_s=settings.shutdown_s,
        ready=ready,
    )
    await server.serve([bind(settings.host, settings.port)])


@asynccontextmanager
async def serving(settings: Settings, store: Store) -> AsyncIterator[Services]:
    """Run what works beside the requests: the sequencer, the tail of the log, the heartbeats."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)

    async def changed() -> None:
        await store.database.wait_for_change(_LOOK_S)

    hub = Hub(store.event_log, store.readmodels, changed)
    desk = Desk(store.event_log, store.readmodels, store.renderer, hub.publish)
    access = Access(store.tokens, time.monotonic)
    services = Services(
        event_log=store.event_log,
        readmodels=store.readmodels,
        desk=desk,
        hub=hub,
        access=access,
        admission=Admission(
            settings.max_connections,
            settings.max_connections_per_address,
            settings.command_rate,
            time.monotonic,
        ),
        wall=wall,
        heartbeat_s=settings.heartbeat_s,
        reconnect=Reconnect(settings.reconnect_min_ms, settings.reconnect_max_ms, settings.reconnect_jitter_ms),
        max_body=settings.max_body,
    )
    works = {
        "sequencer": desk.sequencer.run,
        "follow": hub.follow,
        "heartbeats": lambda: hub.beat(settings.heartbeat_s, settings.stall_s, wall),
    }
    beside = [asyncio.create_task(_keep_going(name, work), name=name) for name, work in works.items()]
    for note in store.database.notes:
        log.warning("database_note", note=note)
    try:
        yield services
    finally:
        for task in beside:
            task.cancel()
        for task in beside:
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _keep_going(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run what never ends, and begin again if a defect of ours ends it: readers must not fall silent."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("work_failed", work=name)
        await asyncio.sleep(_AGAIN_S)


async def rehearse(sources: list[Source]) -> list[Imported]:
    """Import into a log that forgets: what an import would do to a database without these blogs.

    Raises:
        ImportRefused: As the import would.

    """
    renderer = Renderer()
    return await Importer(MemoryLog(wall, renderer.render), renderer).bring_in(sources)


def configure_logging(level: str) -> None:
    """Log JSON lines to standard error; the server's own chatter about each connection is left out."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(threshold, logging.WARNING), stream=sys.stderr, format="%(name)s: %(message)s")
