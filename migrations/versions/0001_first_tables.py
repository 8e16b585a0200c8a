"""The first tables: the log with its triggers, the read models, tokens and the audit.

Revision: 0001, the first
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_log()
    create_read_models()
    create_tokens()
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    for table in (
        *("audit", "token_blogs", "tokens", "actors"),
        *("checkpoints", "renderings", "counts", "headers", "key_point_revisions", "entry_revisions"),
        *("idempotency_keys", "events", "blogs", "log_head"),
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change_of_events()")


def text(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=nullable)


def number(name: str, *, nullable: bool = False, **options: Any) -> "sa.Column[int]":
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, nullable=nullable, **({"autoincrement": False} | options))


def count(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer, nullable=False, autoincrement=False)


def binary(name: str, *, nullable: bool = False) -> "sa.Column[bytes]":
    return sa.Column(name, sa.LargeBinary, nullable=nullable)


def create_log() -> None:
    log_head = op.create_table(
        "log_head",
        count("one"),
        number("log_position"),
        sa.PrimaryKeyConstraint("one", name="pk_log_head"),
        sa.CheckConstraint("one = 1", name=op.f("ck_log_head_one_row")),
    )
    op.bulk_insert(log_head, [{"one": 1, "log_position": 0}])
    op.create_table(
        "blogs",
        text("blog_id"),
        text("slug"),
        text("epoch"),
        text("edition"),
        number("generation"),
        number("position"),
        binary("hash"),
        number("at"),
        number("latest", nullable=True),
        text("status"),
        binary("state"),
        sa.PrimaryKeyConstraint("blog_id", name="pk_blogs"),
        sa.UniqueConstraint("slug", name="uq_blogs_slug"),
    )
    op.create_index("ix_blogs_at_blog_id", "blogs", ["at", "blog_id"])
    op.create_index("ix_blogs_status_at_blog_id", "blogs", ["status", "at", "blog_id"])
    op.create_table(
        "events",
        number("log_position"),
        text("blog_id"),
        number("position"),
        text("event_id"),
        text("event_type"),
        count("schema_version"),
        number("at"),
        number("recorded_at"),
        number("commit_end"),
        text("entry_id", nullable=True),
        binary("envelope"),
        binary("payload", nullable=True),
        binary("salt", nullable=True),
        binary("commitment"),
        binary("hash"),
        sa.PrimaryKeyConstraint("log_position", name="pk_events"),
        sa.UniqueConstraint("blog_id", "position", name="uq_events_blog_id_position"),
        sa.UniqueConstraint("event_id", name="uq_events_event_id"),
    )
    op.create_table(
        "idempotency_keys",
        text("blog_id"),
        text("actor_id"),
        text("key"),
        binary("fingerprint"),
        number("first"),
        count("count"),
        text("entry_id", nullable=True),
        sa.PrimaryKeyConstraint("blog_id", "actor_id", "key", name="pk_idempotency_keys"),
    )


def create_read_models() -> None:
    op.create_table(
        "entry_revisions",
        text("blog_id"),
        number("generation"),
        text("entry_id"),
        number("valid_from"),
        number("valid_to", nullable=True),
        number("published_at"),
        number("first_position"),
        text("owner"),
        count("marks"),
        binary("document"),
        sa.PrimaryKeyConstraint("blog_id", "generation", "entry_id", "valid_from", name="pk_entry_revisions"),
    )
    place = ["blog_id", "generation", "published_at", "first_position"]
    first, marked = sa.text("valid_from = first_position"), sa.text("marks <> 0")
    op.create_index(
        *("ix_entry_revisions_places", "entry_revisions", [*place, "entry_id"]),
        sqlite_where=first,
        postgresql_where=first,
    )
    op.create_index(
        *("ix_entry_revisions_marked", "entry_revisions", [*place, "valid_from"]),
        sqlite_where=marked,
        postgresql_where=marked,
    )
    op.create_table(
        "key_point_revisions",
        text("blog_id"),
        number("generation"),
        text("point_id"),
        number("valid_from"),
        number("valid_to", nullable=True),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        binary("document"),
        sa.PrimaryKeyConstraint("blog_id", "generation", "point_id", "valid_from", name="pk_key_point_revisions"),
    )
    op.create_table(
        "headers",
        text("blog_id"),
        number("generation"),
        number("valid_from"),
        binary("document"),
        sa.PrimaryKeyConstraint("blog_id", "generation", "valid_from", name="pk_headers"),
    )
    op.create_table(
        "counts",
        text("blog_id"),
        number("generation"),
        number("position"),
        count("entries"),
        count("retracted"),
        count("corrections"),
        count("key_events"),
        count("breaking"),
        number("latest", nullable=True),
        sa.PrimaryKeyConstraint("blog_id", "generation", "position", name="pk_counts"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "renderings",
        count("renderer"),
        binary("source"),
        text("html"),
        text("text"),
        sa.PrimaryKeyConstraint("renderer", "source", name="pk_renderings"),
    )
    op.create_table(
        "checkpoints",
        text("blog_id"),
        number("generation"),
        number("position"),
        sa.PrimaryKeyConstraint("blog_id", "generation", name="pk_checkpoints"),
    )


def create_tokens() -> None:
    op.create_table("actors", text("actor_id"), text("name"), sa.PrimaryKeyConstraint("actor_id", name="pk_actors"))
    op.create_table(
        "tokens",
        text("token_id"),
        binary("digest"),
        text("actor_id"),
        text("role"),
        sa.Column("limited", sa.Boolean, nullable=False),
        number("created_at"),
        number("revoked_at", nullable=True),
        sa.PrimaryKeyConstraint("token_id", name="pk_tokens"),
        sa.UniqueConstraint("digest", name="uq_tokens_digest"),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.actor_id"], name="fk_tokens_actor_id"),
    )
    op.create_index("ix_tokens_actor_id_created_at", "tokens", ["actor_id", "created_at"])
    op.create_index("ix_tokens_created_at", "tokens", ["created_at"])
    op.create_table(
        "token_blogs",
        text("token_id"),
        text("slug"),
        sa.PrimaryKeyConstraint("token_id", "slug", name="pk_token_blogs"),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.token_id"], name="fk_token_blogs_token_id"),
    )
    op.create_table(
        "audit",
        number("audit_id", autoincrement=True),
        number("at"),
        text("what"),
        text("blog_id", nullable=True),
        number("position", nullable=True),
        text("token_id", nullable=True),
        text("actor_id", nullable=True),
        text("detail", nullable=True),
        sa.PrimaryKeyConstraint("audit_id", name="pk_audit"),
    )


KEPT = (
    *("log_position", "blog_id", "position", "event_id", "event_type", "schema_version", "at", "recorded_at"),
    *("commit_end", "entry_id", "envelope", "commitment", "hash"),
)
"""Columns of an event that nothing may change; payload and salt may go, and only together."""

TRIGGERS = {
    "sqlite": (
        f"""
        CREATE TRIGGER events_refuse_update BEFORE UPDATE ON events
        WHEN NOT (NEW.payload IS NULL AND NEW.salt IS NULL
            AND {" AND ".join(f"NEW.{name} IS OLD.{name}" for name in KEPT)})
        BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END
        """,
        """
        CREATE TRIGGER events_refuse_delete BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'an event is never deleted'); END
        """,
        # REPLACE deletes without a word to the trigger above where recursive triggers are off, as they are by default.
        """
        CREATE TRIGGER events_refuse_replace BEFORE INSERT ON events
        WHEN EXISTS (SELECT 1 FROM events WHERE log_position = NEW.log_position)
            OR EXISTS (SELECT 1 FROM events WHERE blog_id = NEW.blog_id AND position = NEW.position)
            OR EXISTS (SELECT 1 FROM events WHERE event_id = NEW.event_id)
        BEGIN SELECT RAISE(ABORT, 'an event is never replaced'); END
        """,
    ),
    "postgresql": (
        f"""
        CREATE FUNCTION refuse_change_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF NEW.payload IS NULL AND NEW.salt IS NULL
                    AND {" AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in KEPT)} THEN
                    RETURN NEW;
                END IF;
            END IF;
            RAISE EXCEPTION 'an event is never changed: % refused', TG_OP
                USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """,
        """
        CREATE TRIGGER events_refuse_change BEFORE UPDATE OR DELETE ON events
        FOR EACH ROW EXECUTE FUNCTION refuse_change_of_events()
        """,
        """
        CREATE TRIGGER events_refuse_truncate BEFORE TRUNCATE ON events
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_events()
        """,
        # ALWAYS: also in a session that calls itself a replica.
        "ALTER TABLE events ENABLE ALWAYS TRIGGER events_refuse_change",
        "ALTER TABLE events ENABLE ALWAYS TRIGGER events_refuse_truncate",
    ),
}
