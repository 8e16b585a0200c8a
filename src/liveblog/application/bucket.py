"""A token bucket: so many a second, with bursts."""


class TokenBucket:
    """Holds up to `burst` tokens and gains `rate` of them a second.

    Args:
        rate: Tokens per second.
        burst: Tokens at the start, and at most.
        now: Seconds that only rise.

    """

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = now

    def take(self, now: float) -> bool:
        """Take a token; False if there is none."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
