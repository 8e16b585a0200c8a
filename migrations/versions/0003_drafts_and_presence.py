"""Drafts, the boards that they lie on, and who is at the desk.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft_boards",
        text("slug"),
        number("revision"),
        sa.PrimaryKeyConstraint("slug", name="pk_draft_boards"),
    )
    op.create_table(
        "drafts",
        text("draft_id"),
        text("slug"),
        number("revision"),
        text("state"),
        binary("command"),
        text("note", nullable=True),
        text("author_id"),
        text("author_name"),
        text("editor_id"),
        text("editor_name"),
        number("created_at"),
        number("updated_at"),
        number("publish_at", nullable=True),
        number("position", nullable=True),
        binary("problem", nullable=True),
        text("sender_id", nullable=True),
        text("sender_name", nullable=True),
        number("sent_at", nullable=True),
        sa.PrimaryKeyConstraint("draft_id", name="pk_drafts"),
    )
    op.create_index("ix_drafts_board", "drafts", ["slug", "updated_at"])
    create_part("ix_drafts_scheduled", "publish_at", "state = 'scheduled'")
    create_part("ix_drafts_sending", "sent_at", "sent_at IS NOT NULL")
    op.create_table(
        "presences",
        text("slug"),
        text("actor_id"),
        text("tab"),
        text("name"),
        binary("editing", nullable=True),
        number("since"),
        number("seen_at"),
        sa.PrimaryKeyConstraint("slug", "actor_id", "tab", name="pk_presences"),
    )
    op.create_index("ix_presences_slug_seen_at", "presences", ["slug", "seen_at"])


def downgrade() -> None:
    for table in ("presences", "drafts", "draft_boards"):
        op.drop_table(table)


def create_part(name: str, column: str, where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, "drafts", [column], sqlite_where=condition, postgresql_where=condition)


def text(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=nullable)


def number(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, nullable=nullable, autoincrement=False)


def binary(name: str, *, nullable: bool = False) -> "sa.Column[bytes]":
    return sa.Column(name, sa.LargeBinary, nullable=nullable)
