"""A night for the time machine: a coverage of a few minutes, with something of everything in it."""

from house import House
from liveblog.application.importing.sources import Options, understand

SLUG = "harbour"

COVERAGE = """liveblog coverage 1

@ 2020-01-08 01:00:00 start by Nora
slug: harbour
headline: A ship hits the harbour bridge
language: en-GB
time_zone: Asia/Baghdad

@ 2020-01-08 01:00:20 publish ship by Nora
headline: A ship has hit the bridge
key_event: yes
pinned: yes

The ship is the Aurora. Three people were on the bridge.

@ + set-key-point people
text: Three people were on the bridge.

@ 2020-01-08 01:00:40 publish rumour by Nora
headline: The bridge is said to have fallen

@ 2020-01-08 01:01:00 publish closed by Nora
headline: The port is closed
breaking: yes

@ 2020-01-08 01:01:20 correct ship by Nora
was: Three people were on the bridge.
now: Two people were on the bridge.
reason: One was counted twice.

The ship is the Aurora. Two people were on the bridge.

@ 2020-01-08 01:01:40 retract rumour by Nora
reason: The bridge stands.

@ 2020-01-08 01:02:00 publish safe by Nora
headline: Both are safe
key_event: yes

@ + unpin ship
@ 2020-01-08 01:02:20 clear-breaking closed
@ 2020-01-08 03:00:00 publish open by Nora
headline: The port is open again

@ 2020-01-08 03:00:10 end
"""


async def import_night(house: House) -> int:
    """Bring the night in; returns its last position."""
    (done,) = await house.store.importer.bring_in([understand("harbour.txt", COVERAGE.encode(), Options())])
    return done.position
