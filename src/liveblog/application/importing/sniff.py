"""Which format is this text in?"""

import json
from typing import Literal, TypeAlias

from liveblog.application.importing.coverage import sections
from liveblog.application.importing.lines import split
from liveblog.application.importing.page_text import dateline
from liveblog.application.importing.script import Fault, ImportRefused

Format: TypeAlias = Literal["text", "coverage", "recording"]


def sniff(text: str) -> Format:
    """Tell a text's format by its first line that is not blank.

    Raises:
        ImportRefused: If that line is no sign of any format.

    """
    first = next((line.text.strip() for line in split(text) if line.text.strip()), "")
    if sections.claims(first):
        return "coverage"
    if _opens_recording(first):
        return "recording"
    if dateline.read(first) is not None:
        return "text"
    raise ImportRefused(
        [
            Fault(
                0,
                "The first line does not tell which format this is: name it with --format text, coverage or recording.",
            )
        ]
    )


def _opens_recording(line: str) -> bool:
    if not line.startswith("{"):
        return False
    try:
        header = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(header, dict) and header.get("format") == "liveblog-recording"
