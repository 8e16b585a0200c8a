"""Runs migrations on the connection that `liveblog migrate` hands over, or on a URL given to alembic itself.

`alembic -x url=sqlite:///x.db revision --autogenerate -m "…"` drafts the next one.
"""

import asyncio

from alembic import context
from sqlalchemy import Connection

from liveblog.storage.opening import connect
from liveblog.storage.tables import metadata


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()


async def open_and_migrate(url: str) -> None:
    database = await connect(url, create=True)
    try:
        await database.write(migrate)
    finally:
        await database.close()


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    migrate(handed_over)
else:
    asyncio.run(open_and_migrate(context.get_x_argument(as_dictionary=True).get("url", "sqlite:///liveblog.db")))
