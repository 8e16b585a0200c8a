"""Coverage of every kind, posted to a running server: entries in and out of order, edits, flags, key points."""

import msgspec
from msgspec import structs

from house import House
from liveblog import main
from liveblog.domain import instant
from liveblog.domain.commands import Command, PublishEntry
from liveblog.log.record import Recorded
from log.build import Build
from log.night import Night


class Story:
    """A blog that goes on when told to.

    Args:
        house: Where it is posted.
        slug: The blog, which must not be there yet.
        seed: What happens; the same for the same seed, but for the clock.

    """

    def __init__(self, house: House, slug: str = "story", seed: int = 11) -> None:
        self._house = house
        self.slug = slug
        self._build = Build(seed)
        self._night = Night(self._build)
        self.blog_id = ""
        self.history: list[Recorded] = []

    @property
    def head(self) -> int:
        return len(self.history)

    async def begin(self) -> None:
        """Start the blog, with a few entries."""
        assert (await self._house.start(self.slug)).status_code == 201
        head = await self._house.store.event_log.head(self.slug)
        assert head is not None
        self.blog_id = head.blog_id
        await self._post(self._night.entries(5))

    async def go_on(self, events: int) -> None:
        """Let so many events happen, and up to two more."""
        end = self.head + events
        while self.head < end:
            await self._post(self._night.commands(self._build.dice.choice([1, 2, 3])))

    async def until(self, head: int) -> None:
        """Let the blog come to a position, exactly."""
        while self.head < head:
            await self._post(self._night.commands(1))

    async def _post(self, commands: list[Command]) -> None:
        body = msgspec.to_builtins([self._dated(command) for command in commands])
        answer = await self._house.post(self.slug, body)
        assert answer.status_code in {200, 201, 404, 409, 422}, answer.text
        new = await self._house.store.event_log.read(self.blog_id, self.head, 100)
        self._night.happened(new)
        self.history += new

    def _dated(self, command: Command) -> Command:
        """Half of the entries are published at another time than now; some share theirs."""
        dice = self._build.dice
        if not isinstance(command, PublishEntry) or dice.random() < 0.5:
            return command
        ahead = dice.choice([50_000, 49_999, 0, -1, -3_600_000, -(10**10)])
        return structs.replace(command, published_at=instant.show(main.wall() // 1_000 * 1_000 + ahead))
