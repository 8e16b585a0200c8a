"""What an entry is called where it is only named: in lists, in titles, in feeds."""

from liveblog.domain.entry import Entry
from liveblog.web.site.words import Words

MOST = 100
"""Characters of an entry's own words that stand for a headline."""
MOST_DESCRIBED = 200


def title_of(entry: Entry, words: Words) -> str:
    """Name an entry: by its headline, else its question, who is quoted, its first words, or what it shows."""
    if entry.retracted is not None:
        return words("reader.retracted")
    if entry.redacted is not None and not entry.headline:
        return words("reader.redacted")
    said: str | None = entry.headline or entry.question or _first_line(entry)
    if entry.quote is not None and not (entry.headline or entry.question):
        said = f"{entry.quote.speaker}: {said}" if said else entry.quote.speaker
    for each in entry.media:
        said = said or each.caption or each.alt
    return shortened(said, MOST) if said else words(f"reader.kind_{entry.kind}")


def description_of(entry: Entry) -> str:
    """A sentence or two of an entry's own words; empty where it has none."""
    return shortened(" ".join((entry.body_text or "").split()), MOST_DESCRIBED)


def shortened(text: str, most: int) -> str:
    """Cut a text after a whole word, so that it has `most` characters at most."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return (cut.rpartition(" ")[0].rstrip(" ,;:.-") or cut) + "\N{HORIZONTAL ELLIPSIS}"


def _first_line(entry: Entry) -> str:
    return (entry.body_text or "").strip().partition("\n")[0].strip()
