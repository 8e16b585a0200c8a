"""The dashes and quotation marks that newsrooms set, by name, since some of them look alike."""

DASHES = "\u2013\u2014-"
"""En dash, em dash, hyphen: the hyphen last, as a character class needs it."""
DIVIDERS = f":|\u00b7,{DASHES}"
"""What stands between a date or a time and what follows."""
SINGLE = "'\u2018\u2019"
DOUBLE = '"\u201c\u201d\u201e\u00ab\u00bb'
CLOSING = "'\"\u2019\u201d\u00bb"
"""Marks that end a quotation."""
BULLETS = "\u2022\u00b7\u25aa\u25cf\u25e6\u2023"
ELLIPSIS = "\u2026"
BAR = "\u2015"
"""The dash that introduces who said it."""
