"""Admission: how many connections there may be, in all and from one address, and how many commands a second."""

from collections import Counter
from collections.abc import Callable

from liveblog.application.bucket import TokenBucket
from liveblog.application.tally import Tally

_MOST = 10_000


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

    def is_full(self) -> bool:
        """Tell whether there is no room for another stream at all."""
        if self._in_all < self._most:
            return False
        self._tally.refused["in_all"] += 1
        return True

    def has_enough(self, address: str) -> bool:
        """Tell whether the address has all the streams that one may have."""
        if self._by_address[address] < self._most_per_address:
            return False
        self._tally.refused["per_address"] += 1
        return True

    def enter(self, address: str) -> None:
        """Count a stream."""
        self._by_address[address] += 1
        self._in_all += 1

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
