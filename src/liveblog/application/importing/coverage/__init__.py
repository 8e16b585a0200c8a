"""The coverage format: a live blog as plain text that is pleasant to write by hand and to read in a diff.

It has a time for everything and a verb for every command; docs/coverage-format.md describes it. `parse` reads it,
`dump` writes it.
"""

from liveblog.application.importing.coverage.reading import parse
from liveblog.application.importing.coverage.writing import dump

__all__ = ["dump", "parse"]
