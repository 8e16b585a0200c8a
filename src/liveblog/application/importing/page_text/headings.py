"""Is this line a heading? Its form decides, never its words."""

import re

from liveblog.application.importing.page_text.typography import BAR, CLOSING, DASHES, DOUBLE, ELLIPSIS, SINGLE

_LONGEST = 120
_MOST_WORDS = 20
_CLOSING = CLOSING + ")]"
_SENTENCE_ENDS = f".!,;:{ELLIPSIS}"
_NOT_FIRST = f"{DASHES}{BAR}{ELLIPSIS}@#&)/*"
_A_PAIR = 2
_ADDRESS = re.compile(r"https?://|www\.|pic\.twitter\.com", re.IGNORECASE)
_TWO_SENTENCES = re.compile(rf"[a-z]{{4,}}[.!][{CLOSING}]?\s+[{SINGLE}{DOUBLE}]?[A-Z]")


def has_form_of_heading(text: str) -> bool:
    """Tell whether a line could be a heading, if a paragraph follows it.

    It is short, begins like a title, and ends neither like a sentence nor like a list's introduction; a question may be
    one. A line that is wholly in double quotes and ends a sentence inside them is somebody's words, and so is one whose
    quotation goes on in the next line.
    """
    if not text or len(text) > _LONGEST or len(text.split()) > _MOST_WORDS:
        return False
    if text[0] in _NOT_FIRST or not any(char.isalnum() for char in text):
        return False
    if text[0].islower() and not text[1:2].isupper():
        return False
    if _ADDRESS.search(text) or _TWO_SENTENCES.search(text):
        return False
    doubled = sum(char in DOUBLE for char in text)
    bare = text.rstrip(_CLOSING)
    if doubled % 2 or not bare:
        return False
    if doubled == _A_PAIR and text[0] in DOUBLE and text[-1] in DOUBLE:
        return bare[-1] not in _SENTENCE_ENDS + "?"
    return bare[-1] not in _SENTENCE_ENDS


def is_question(text: str) -> bool:
    """Tell whether a heading asks something."""
    return text.rstrip(_CLOSING).endswith("?")
