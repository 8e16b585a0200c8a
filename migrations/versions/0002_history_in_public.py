"""Indexes of the few events that make a blog's ledger and its timeline, and a mark on summaries.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ERRATA = "event_type IN ('entry_corrected', 'entry_retracted')"
TURNS = "event_type IN ('breaking_flagged', 'key_event_marked', 'blog_ended', 'blog_reopened')"
BORN_MARKED = "marks <> 0 AND valid_from = first_position"

MARK_SUMMARIES = {
    "sqlite": """
        UPDATE entry_revisions SET marks = marks + 32
        WHERE json_extract(CAST(document AS TEXT), '$.kind') = 'summary'
        """,
    "postgresql": """
        UPDATE entry_revisions SET marks = marks + 32
        WHERE convert_from(document, 'UTF8')::json ->> 'kind' = 'summary'
        """,
}


def upgrade() -> None:
    op.execute(MARK_SUMMARIES[op.get_bind().dialect.name])
    create("ix_events_errata", "events", ["blog_id", "position"], ERRATA)
    create("ix_events_turns", "events", ["blog_id", "position"], TURNS)
    born = ["blog_id", "generation", "first_position"]
    create("ix_entry_revisions_born_marked", "entry_revisions", born, BORN_MARKED)


def downgrade() -> None:
    op.drop_index("ix_entry_revisions_born_marked", "entry_revisions")
    op.drop_index("ix_events_turns", "events")
    op.drop_index("ix_events_errata", "events")
    op.execute("UPDATE entry_revisions SET marks = marks - 32 WHERE marks & 32 <> 0")


def create(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)
