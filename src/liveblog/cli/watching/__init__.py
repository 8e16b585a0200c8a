"""One reader in a terminal.

What the protocol asks of a client is in `following` and `closing`; what is known of the playback in `player`; what a
message says to a person in `telling`. None of them touches a socket, a clock or a screen: `watcher` does.
"""
