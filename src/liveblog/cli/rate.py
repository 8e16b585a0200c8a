"""The speed of a replay, as an option."""

import click

SLOWEST, FASTEST = 0.1, 1000


class Rate(click.ParamType[str]):
    """A speed: timeline seconds per second, or `instant`."""

    name = "rate"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check it; it stays as it was written."""
        try:
            fits = value == "instant" or SLOWEST <= float(value) <= FASTEST
        except ValueError:
            fits = False
        if not fits:
            self.fail(f"expected instant, or {SLOWEST} to {FASTEST}, not {value!r}", param, ctx)
        return value
