"""The tables, as the newest migration leaves them; a test compares the two.

Instants are milliseconds since 1970 in 64-bit integers. Envelopes, payloads and documents are kept as the bytes that
they were encoded to, for a database that parses JSON also reorders it. Triggers that refuse changes of `events` stand
in the migrations.

No foreign key leads from the rows of an event to its blog: they are written in one transaction, by one function, and
each check would cost an append the price of an index.
"""

from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, text

AnyRow: TypeAlias = sa.Row[*tuple[Any, ...]]
"""A row of any query."""

NAMES = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}
metadata = MetaData(naming_convention=NAMES)

Number = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit integer. In SQLite only a primary key of this very type is the row's own number."""

ERRATA = text("event_type IN ('entry_corrected', 'entry_retracted')")
"""The events of the ledger. A query that says the same, word for word, is answered from their index."""

TURNS = text("event_type IN ('breaking_flagged', 'key_event_marked', 'blog_ended', 'blog_reopened')")
"""The events that a timeline marks beside those of the ledger and what was published with a mark; likewise."""

BORN_MARKED = text("marks <> 0 AND valid_from = first_position")
"""Entries that bore a mark when they were published; likewise."""

SCHEDULED = text("state = 'scheduled'")
"""Drafts that wait for their time; likewise."""

SENDING = text("sent_at IS NOT NULL")
"""Drafts that are being published at this moment; likewise."""

log_head = Table(
    "log_head",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("log_position", Number, nullable=False),
    sa.CheckConstraint("one = 1", name="one_row"),
)
"""One row: the newest position over all blogs. Whoever holds its lock is the one writer."""

blogs = Table(
    "blogs",
    metadata,
    Column("blog_id", Text, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("epoch", Text, nullable=False),
    Column("edition", Text, nullable=False),
    Column("generation", Number, nullable=False),
    Column("position", Number, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("at", Number, nullable=False),
    Column("latest", Number),
    Column("status", Text, nullable=False),
    Column("state", LargeBinary, nullable=False),
    Index(None, "at", "blog_id"),
    Index(None, "status", "at", "blog_id"),
)
"""Each blog's newest state. `latest` is the highest `published_at` of its entries, null while it has none."""

events = Table(
    "events",
    metadata,
    Column("log_position", Number, primary_key=True, autoincrement=False),
    Column("blog_id", Text, nullable=False),
    Column("position", Number, nullable=False),
    Column("event_id", Text, nullable=False, unique=True),
    Column("event_type", Text, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("at", Number, nullable=False),
    Column("recorded_at", Number, nullable=False),
    Column("commit_end", Number, nullable=False),
    Column("entry_id", Text),
    Column("envelope", LargeBinary, nullable=False),
    Column("payload", LargeBinary),
    Column("salt", LargeBinary),
    Column("commitment", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    sa.UniqueConstraint("blog_id", "position"),
    Index("ix_events_errata", "blog_id", "position", sqlite_where=ERRATA, postgresql_where=ERRATA),
    Index("ix_events_turns", "blog_id", "position", sqlite_where=TURNS, postgresql_where=TURNS),
)
"""The log. What the columns repeat of the envelope serves queries; the envelope's bytes are what is hashed. The indexes
`errata` and `turns` hold only what they are named for, so that an ordinary post pays for neither."""

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("blog_id", Text, primary_key=True),
    Column("actor_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("first", Number, nullable=False),
    Column("count", Integer, nullable=False),
    Column("entry_id", Text),
)

entry_revisions = Table(
    "entry_revisions",
    metadata,
    Column("blog_id", Text, primary_key=True),
    Column("generation", Number, primary_key=True, autoincrement=False),
    Column("entry_id", Text, primary_key=True),
    Column("valid_from", Number, primary_key=True, autoincrement=False),
    Column("valid_to", Number),
    Column("published_at", Number, nullable=False),
    Column("first_position", Number, nullable=False),
    Column("owner", Text, nullable=False),
    Column("marks", Integer, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Index(
        "ix_entry_revisions_places",
        *("blog_id", "generation", "published_at", "first_position", "entry_id"),
        sqlite_where=text("valid_from = first_position"),
        postgresql_where=text("valid_from = first_position"),
    ),
    Index(
        "ix_entry_revisions_marked",
        *("blog_id", "generation", "published_at", "first_position", "valid_from"),
        sqlite_where=text("marks <> 0"),
        postgresql_where=text("marks <> 0"),
    ),
    Index(
        "ix_entry_revisions_born_marked",
        *("blog_id", "generation", "first_position"),
        sqlite_where=BORN_MARKED,
        postgresql_where=BORN_MARKED,
    ),
)
"""Every entry as of every event that touched it. `places` holds each entry once, in the order of readers, however often
it was revised; `marked` holds the few revisions that bear a mark, `born_marked` those of them that are first ones."""

key_point_revisions = Table(
    "key_point_revisions",
    metadata,
    Column("blog_id", Text, primary_key=True),
    Column("generation", Number, primary_key=True, autoincrement=False),
    Column("point_id", Text, primary_key=True),
    Column("valid_from", Number, primary_key=True, autoincrement=False),
    Column("valid_to", Number),
    Column("withdrawn", Boolean, nullable=False),
    Column("document", LargeBinary, nullable=False),
)

headers = Table(
    "headers",
    metadata,
    Column("blog_id", Text, primary_key=True),
    Column("generation", Number, primary_key=True, autoincrement=False),
    Column("valid_from", Number, primary_key=True, autoincrement=False),
    Column("document", LargeBinary, nullable=False),
)
"""The header, where it changed."""

counts = Table(
    "counts",
    metadata,
    Column("blog_id", Text, primary_key=True),
    Column("generation", Number, primary_key=True, autoincrement=False),
    Column("position", Number, primary_key=True, autoincrement=False),
    Column("entries", Integer, nullable=False),
    Column("retracted", Integer, nullable=False),
    Column("corrections", Integer, nullable=False),
    Column("key_events", Integer, nullable=False),
    Column("breaking", Integer, nullable=False),
    Column("latest", Number),
    sqlite_with_rowid=False,
)
"""The counts at every position, and the highest `published_at` until then: where a walk over the entries of that moment
begins, however many came later."""

renderings = Table(
    "renderings",
    metadata,
    Column("renderer", Integer, primary_key=True, autoincrement=False),
    Column("source", LargeBinary, primary_key=True),
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
)
"""Bodies as they were rendered, by the renderer's number and the SHA-256 of the Markdown."""

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("blog_id", Text, primary_key=True),
    Column("generation", Number, primary_key=True, autoincrement=False),
    Column("position", Number, nullable=False),
)
"""How far a generation of a blog's read models has come."""

actors = Table("actors", metadata, Column("actor_id", Text, primary_key=True), Column("name", Text, nullable=False))

tokens = Table(
    "tokens",
    metadata,
    Column("token_id", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("actor_id", Text, ForeignKey(actors.c.actor_id), nullable=False),
    Column("role", Text, nullable=False),
    Column("limited", Boolean, nullable=False),
    Column("created_at", Number, nullable=False),
    Column("revoked_at", Number),
    Index(None, "actor_id", "created_at"),
    Index(None, "created_at"),
)
"""`limited`: the token holds for the blogs of `token_blogs` alone, also where those are none."""

token_blogs = Table(
    "token_blogs",
    metadata,
    Column("token_id", Text, ForeignKey(tokens.c.token_id), primary_key=True),
    Column("slug", Text, primary_key=True),
)

audit = Table(
    "audit",
    metadata,
    Column("audit_id", Number, primary_key=True, autoincrement=True),
    Column("at", Number, nullable=False),
    Column("what", Text, nullable=False),
    Column("blog_id", Text),
    Column("position", Number),
    Column("token_id", Text),
    Column("actor_id", Text),
    Column("detail", Text),
)
"""What is worth keeping and no part of a blog's history: tokens made and revoked, recordings taken over."""

draft_boards = Table(
    "draft_boards",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("revision", Number, nullable=False),
)
"""One row for each blog that ever had a draft. It rises with every change of them, and is their lock."""

drafts = Table(
    "drafts",
    metadata,
    Column("draft_id", Text, primary_key=True),
    Column("slug", Text, nullable=False),
    Column("revision", Number, nullable=False),
    Column("state", Text, nullable=False),
    Column("command", LargeBinary, nullable=False),
    Column("note", Text),
    Column("author_id", Text, nullable=False),
    Column("author_name", Text, nullable=False),
    Column("editor_id", Text, nullable=False),
    Column("editor_name", Text, nullable=False),
    Column("created_at", Number, nullable=False),
    Column("updated_at", Number, nullable=False),
    Column("publish_at", Number),
    Column("position", Number),
    Column("problem", LargeBinary),
    Column("sender_id", Text),
    Column("sender_name", Text),
    Column("sent_at", Number),
    Index("ix_drafts_board", "slug", "updated_at"),
    Index("ix_drafts_scheduled", "publish_at", sqlite_where=SCHEDULED, postgresql_where=SCHEDULED),
    Index("ix_drafts_sending", "sent_at", sqlite_where=SENDING, postgresql_where=SENDING),
)
"""What is written but not yet said: rows that change, no part of a blog's history. `editor` changed it last."""

presences = Table(
    "presences",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("actor_id", Text, primary_key=True),
    Column("tab", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("editing", LargeBinary),
    Column("since", Number, nullable=False),
    Column("seen_at", Number, nullable=False),
    Index(None, "slug", "seen_at"),
)
"""Who has a blog's desk open in which window, and what they are editing there."""
