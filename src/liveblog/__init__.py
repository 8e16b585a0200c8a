"""Event-sourced live blogs: an append-only log, an ordered stream, replay at any speed."""

__version__ = "0.1.0"
