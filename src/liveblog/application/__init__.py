"""Use cases over ports: handle a command, follow the log, fan out, import, replay."""
