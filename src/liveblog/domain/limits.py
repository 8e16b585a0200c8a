"""How long and how many: the limits of the contract, in characters, items or milliseconds."""

HEADLINE = 300
STANDFIRST = 1_000
QUESTION = 500
BODY = 20_000
KEY_POINT = 500
STATEMENT = 2_000
"""`was`, `now` and `reason`, each."""
NAME = 200
CAPTION = 1_000
TAG = 60
URL = 2_048
LIST = 20
KEY_POINTS = 20
PINS = 10
BREAKING = 10
"""How many flagged entries the header names; more may be flagged."""
AHEAD_MS = 60_000
"""How far in the future `published_at` may lie."""
COMMANDS = 100
ENTRY_BYTES = 400 * 1024
"""An entry's whole document as JSON: with the header's, it leaves room under the message limit."""
HEADER_BYTES = 200 * 1024
MESSAGE_BYTES = 768 * 1024
"""Every message to a client stays below this."""
EVENT_MARGIN_BYTES = 96 * 1024
"""What an event's message holds beside its documents, generously: was, now, reason, names."""
