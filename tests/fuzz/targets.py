"""Every target that needs no server, by its name."""

from fuzz import decoders, importers, markup
from fuzz.target import Target

PURE: dict[str, Target] = {each.name: each for each in (*decoders.TARGETS, *importers.TARGETS, *markup.TARGETS)}
