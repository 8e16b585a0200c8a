"""Admission: how many connections there may be, in all and from one address, and how many commands a second."""

from collections import Counter
from collections.abc import Callable

from liveblog.application.bucket import TokenBucket

_MOST = 10_000


class Admission:
    """Counts who is in.

    Args:
        most: Open streams, in all.
        most_per_address: Open streams from one address.
        command_rate: Commands per second and token, in bursts of twice that; 0 for no limit.
        time: Seconds that only rise.

    """

    def __init__(self, most: int, most_per_address: int, command_rate: float, time: Callable[[], float]) -> None:
        self._most = most
        self._most_per_address = most_per_address
        self._rate = command_rate
        self._time = time
        self._by_address: Counter[str] = Counter()
        self._buckets: dict[str, TokenBucket] = {}

    def is_full(self) -> bool:
        """Tell whether there is no room for another stream at all."""
        return self._by_address.total() >= self._most

    def has_enough(self, address: str) -> bool:
        """Tell whether the address has all the streams that one may have."""
        return self._by_address[address] >= self._most_per_address

    def enter(self, address: str) -> None:
        """Count a stream."""
        self._by_address[address] += 1

    def leave(self, address: str) -> None:
        """Count a stream out."""
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
