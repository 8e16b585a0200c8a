"""Blogs to read from, the same in every store."""

from liveblog.domain import instant
from liveblog.domain.commands import Command, PublishEntry
from liveblog.log.port import EventLog
from liveblog.log.record import Recorded
from liveblog.log.request import Accepted
from log.build import T0, Build, FakeClock, accept, memory_log, records_of
from log.night import Night

LENGTH = 320


async def long_night(slug: str = "night", seed: int = 5, length: int = LENGTH) -> list[Recorded]:
    """Some hundred events of every kind, a few in each commit; entries published out of order, and at one instant."""
    build, clock = Build(seed), FakeClock()
    log, night = memory_log(clock), Night(build)
    (started,) = await accept(log, build.start(slug, *night.entries(5)))
    history = list(started.recorded)
    night.happened(history)
    while len(history) < length:
        clock.now += build.dice.choice([0, 1, 1_000, 60_000])
        commands: list[Command] = night.commands(build.dice.choice([1, 2, 3]))
        requests = [build.append(slug, _dated(build, clock, command)) for command in commands]
        for outcome in await log.append(requests):
            new = outcome.recorded if isinstance(outcome, Accepted) else ()
            night.happened(new)
            history += new
    return history


async def keep(log: EventLog, slug: str, history: list[Recorded]) -> None:
    """Append a history piece by piece, so that later pieces change what earlier ones left."""
    records = records_of(history)
    build = Build(99)
    for end in sorted({each.envelope.commit_end for each in records[::25]} | {len(records)}):
        await accept(log, build.adopt(records[:end], slug))


def _dated(build: Build, clock: FakeClock, command: Command) -> Command:
    if not isinstance(command, PublishEntry) or build.dice.random() < 0.5:
        return command
    ahead = build.dice.choice([60_000, 59_999, 0, -1, -3_600_000, T0 - clock.now, -(10**12)])
    return build.entry(
        entry_id=command.entry_id,
        body=command.body,
        pinned=command.pinned,
        breaking=command.breaking,
        published_at=instant.show(clock.now + ahead),
    )
