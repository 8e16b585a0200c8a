"""Opening lines: when something happened, what, to which entry or key point, and who did it."""

import re

from msgspec import Struct

from liveblog.application.importing.coverage import values
from liveblog.application.importing.coverage.sections import Section
from liveblog.application.importing.coverage.verbs import VERBS, Verb

_SHAPE = re.compile(
    r"(?P<when>\+|~?[ ]*\d[^ ]*[ T]\d[^ ]*(?:[ ](?:[Zz]|[+-]\d\d:\d\d))?)[ \t]+(?P<verb>[a-z-]+)(?P<rest>(?:[ \t].*)?)"
)
_BY = re.compile(r"by[ \t]+(.+)")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HOW = (
    "write '@ TIME VERB [NAME] [by WHO]', or '+' for TIME in one commit with the section above; "
    r"a line of text that starts with @ is written \@"
)


class Opening(Struct, frozen=True):
    """A section whose opening line was understood; `when` is None for one that goes on with the commit above it."""

    section: Section
    verb: Verb
    when: str | None
    target: str | None
    by: str | None


def read(section: Section) -> Opening:
    """Understand a section's opening line.

    Raises:
        ValueError: If it is not as an opening line must be.

    """
    match = _SHAPE.fullmatch(section.opening)
    if match is None:
        raise ValueError(_HOW)
    verb = VERBS.get(match["verb"])
    if verb is None:
        raise ValueError(f"{match['verb']} is no verb: write one of {', '.join(VERBS)}")
    rest, target = match["rest"].replace("\t", " ").strip(values.BLANK), None
    if verb.target is not None:
        target, _, rest = rest.partition(" ")
        if _LABEL.fullmatch(target) is None:
            raise ValueError(f"{verb.word} needs a name after it, of letters, digits, '.', '_' and '-'")
    by = _BY.fullmatch(rest.strip(values.BLANK))
    if rest.strip(values.BLANK) and by is None:
        raise ValueError(f"{rest.strip(values.BLANK)!r} is not understood: {_HOW}")
    when = None if match["when"] == "+" else match["when"]
    return Opening(section, verb, when, target, values.read(by[1]) if by else None)
