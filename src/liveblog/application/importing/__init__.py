"""Importers' parsers: text in, a script of commands out. Pure; carrying a script out is another module's business.

`page_text` reads a live page or an explainer that was saved as plain text, `coverage` the project's own format, which
can say everything that can happen to a blog; `sniff` tells which of them a text is meant for.
"""

from liveblog.application.importing.script import Fault, ImportRefused, Note, Script, Step
from liveblog.application.importing.sniff import sniff

__all__ = ["Fault", "ImportRefused", "Note", "Script", "Step", "sniff"]
