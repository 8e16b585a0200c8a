"""Query parameters: known ones only, each once, every fault named at once."""

import re

from starlette.requests import Request

from liveblog.domain import instant
from liveblog.domain.rejection import Fault
from liveblog.session.query import QueryRefused, parse
from liveblog.web.problems import bad_query

_DIGITS = re.compile(r"[0-9]{1,16}", re.ASCII)


class Parameters:
    """The query of a request, read once; faults gather until `done`."""

    def __init__(self, request: Request) -> None:
        pairs = request.query_params.multi_items()
        self._given: dict[str, str] = dict(pairs)
        self._faults = [
            Fault(name[:80], "given twice: give it once")
            for name in self._given
            if sum(each == name for each, _ in pairs) > 1
        ]
        self._known: set[str] = set()

    def text(self, name: str) -> str | None:
        """A parameter as it is."""
        self._known.add(name)
        return self._given.get(name)

    def number(self, name: str, *, least: int, most: int | None = None) -> int | None:
        """A whole number."""
        given = self.text(name)
        if given is None:
            return None
        if _DIGITS.fullmatch(given) and int(given) >= least and (most is None or int(given) <= most):
            return int(given)
        bound = f"from {least}" + ("" if most is None else f" to {most}")
        self._faults.append(Fault(name, f"expected a whole number {bound}"))
        return None

    def limit(self, default: int, most: int) -> int:
        """The parameter `limit`."""
        return self.number("limit", least=1, most=most) or default

    def time(self, name: str) -> int | None:
        """An RFC 3339 time, in milliseconds. A ``+`` that form decoding made a space counts as one."""
        given = self.text(name)
        if given is None:
            return None
        try:
            return instant.parse(re.sub(r" (?=\d\d:\d\d\Z)", "+", given))
        except ValueError as error:
            self._faults.append(Fault(name, str(error)))
            return None

    def max_gap(self) -> float | None:
        """The parameter `max_gap`, in seconds, as a stream reads it."""
        given = self.text("max_gap")
        if given is None:
            return None
        try:
            return parse([("max_gap", given)]).max_gap
        except QueryRefused as refusal:
            self._faults += [Fault(name, message) for name, message in refusal.faults]
            return None

    def one_of(self, name: str, *allowed: str) -> str | None:
        """One of a few words."""
        given = self.text(name)
        if given is not None and given not in allowed:
            self._faults.append(Fault(name, f"expected {' or '.join(allowed)}"))
            return None
        return given

    def words(self, name: str, *allowed: str) -> tuple[str, ...]:
        """A list of words with commas between them."""
        given = self.text(name)
        if given is None:
            return ()
        words = tuple(given.split(","))
        if any(word not in allowed for word in words):
            self._faults.append(Fault(name, f"expected any of {', '.join(allowed)}, with commas between them"))
        return words

    def exclude(self, *names: str) -> None:
        """Refuse parameters that contradict each other."""
        given = [name for name in names if name in self._given]
        if len(given) > 1:
            self._faults.append(Fault(given[1], f"cannot be given with {given[0]}"))

    def done(self) -> None:
        """End the reading.

        Raises:
            Problem: If anything was wrong with the query.

        """
        unknown = [Fault(name[:80], "unknown parameter: remove it") for name in self._given if name not in self._known]
        if self._faults or unknown:
            raise bad_query(*unknown, *self._faults)
