"""Admission: how many connections there may be, in all and from one address, and how many commands a second."""

from collections import Counter
from collections.abc import Callable
from typing import Self

from liveblog.application.bucket import TokenBucket
from liveblog.application.tally import Tally
from liveblog.web.problems import Problem

_MOST = 10_000
_AGAIN = {"Retry-After": "2"}


class Admission:
    """Counts who is in.

    Args:
        most: Open streams, in all.
        most_per_address: Open streams from one address.
        command_rate: Commands per second and token, in bursts of twice that; 0 for no limit.
        time: Seconds that only rise.
        tally: Where it is counted who was not let in.

    """

    def __init__(
        self,
        most: int,
        most_per_address: int,
        command_rate: float,
        time: Callable[[], float],
        tally: Tally | None = None,
    ) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._rate = command_rate
        self._time = time
        self._tally = tally or Tally()
        self._by_address: Counter[str] = Counter()
        self._in_all = 0
        self._buckets: dict[str, TokenBucket] = {}

    @property
    def streams(self) -> int:
        """How many are in."""
        return self._in_all

    def enter(self, address: str) -> "Seat":
        """Count a stream before anything is done for it: however many wait at once, no more get in than may.

        Raises:
            Problem: If there is no room for another stream, or the address has all that one may have.

        """
        if self._in_all >= self._most:
            self._tally.refused["in_all"] += 1
            raise Problem("unavailable", "The server has all the readers it can take: try again.", headers=_AGAIN)
        if self._by_address[address] >= self._most_per_address:
            self._tally.refused["per_address"] += 1
            raise Problem("too_many_requests", "There are too many streams from this address.", headers=_AGAIN)
        self._by_address[address] += 1
        self._in_all += 1
        return Seat(self, address)

    def leave(self, address: str) -> None:
        """Count a stream out."""
        self._in_all -= 1
        self._by_address[address] -= 1
        if self._by_address[address] <= 0:
            del self._by_address[address]

    def take_command(self, token_id: str) -> bool:
        """Count a request with commands; False if the token has sent too many."""
        if self._rate <= 0:
            return True
        now = self._time()
        if token_id not in self._buckets:
            if len(self._buckets) >= _MOST:
                self._buckets.clear()
            self._buckets[token_id] = TokenBucket(self._rate, 2 * self._rate, now)
        return self._buckets[token_id].take(now)


class Seat:
    """One stream's place. The block that holds it gives it back when it ends, unless it keeps it for longer.

    Args:
        admission: Where it is counted.
        address: Whose it is.

    """

    __slots__ = ("_address", "_admission", "_is_kept")

    def __init__(self, admission: Admission, address: str) -> None:
        self._admission = admission
        self._address = address
        self._is_kept = False

    def __enter__(self) -> Self:
        """Hold it, also where another block has kept it for this one."""
        self._is_kept = False
        return self

    def __exit__(self, *given: object) -> None:
        """Give it back."""
        if not self._is_kept:
            self._leave()

    def keep(self) -> Callable[[], None]:
        """Hold it beyond the end of the block; returns what gives it back, to be called once."""
        self._is_kept = True
        return self._leave

    def _leave(self) -> None:
        self._admission.leave(self._address)
