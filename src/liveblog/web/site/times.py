"""Times as a page without scripts shows them: in the zone that the blog's readers think in, with the zone's name."""

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from liveblog.web.site.words import Words

_MINUTE = 60
_HOUR = 3_600


class Times:
    """Writes the instants of a blog.

    Args:
        zone: The zone's IANA name; UTC is shown for one that this server does not know.
        words: The page's language.

    """

    def __init__(self, zone: str, words: Words) -> None:
        found = _zone(zone)
        self._zone: tzinfo = UTC if found is None else found
        self._words = words
        self.zone_name = "UTC" if found is None else zone.rpartition("/")[2].replace("_", " ")

    def parts(self, at: str) -> tuple[tuple[str, str], tuple[str, str], tuple[str, str]]:
        """Day, clock and zone, each with the name of its place in the markup.

        Args:
            at: An instant as documents write it.

        """
        local = self._local(at)
        day = self._words(
            "time.day", day=local.day, month=self._words(f"time.month_{local.month}"), year=f"{local.year:04}"
        )
        return ("day", day), ("here", f"{local:%H:%M}"), ("zone", _name(local))

    def moment(self, at: str) -> str:
        """An instant in running text, to the second, so that two moments of one minute differ."""
        (_, day), _, (_, zone) = self.parts(at)
        return f"{day}, {self._local(at):%H:%M:%S} {zone}"

    def length(self, seconds: int) -> str:
        """How long a recording is."""
        hours, rest = divmod(seconds, _HOUR)
        minutes, seconds = divmod(rest, _MINUTE)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

    def _local(self, at: str) -> datetime:
        moment = datetime.fromisoformat(at)
        try:
            return moment.astimezone(self._zone)
        except OverflowError:  # an hour before the first year or after the last
            return moment


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _name(local: datetime) -> str:
    """The zone's short name at that instant, or its offset where it has none but digits."""
    name = local.tzname() or "UTC"
    if name[0] not in "+-":
        return name
    hours, minutes = name[1:3].lstrip("0") or "0", name[3:5]
    sign = "+" if name[0] == "+" else "\N{MINUS SIGN}"
    return f"UTC{sign}{hours}" + (f":{minutes}" if minutes not in {"", "00"} else "")
