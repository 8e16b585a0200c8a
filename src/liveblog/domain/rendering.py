"""What a body's Markdown looks like to readers: the two forms derived from one source.

A body is stored as its editor wrote it. Both forms are made from it outside this floor and travel with every entry
document, so that no reader needs a Markdown parser, and none that trusts us needs a sanitiser.
"""

import msgspec


class Rendering(msgspec.Struct, frozen=True, gc=False):
    """One source's derived forms.

    Attributes:
        html: Sanitised HTML, the only string of an entry that is markup.
        text: The same words as plain text, to be escaped wherever markup is expected.
    """

    html: str
    text: str
