"""One subscriber's conversation, without I/O: its messages, its playback clock, its states.

`session.Session` is the state machine; a shell carries it over a transport. `states` says how it works.
"""
