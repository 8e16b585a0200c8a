"""What a live blog is: its commands, its events, its documents, and the two functions between them.

`decide` turns a command into at most one event or refuses it; `evolve` applies an event. Nothing here reads a clock,
makes an id or touches a database: instants, ids and renderings come in as arguments.
"""
