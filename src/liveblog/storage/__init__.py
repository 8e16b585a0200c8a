"""Where blogs are kept: the log, its read models and the tokens, on SQLite and on PostgreSQL.

Every transaction is written once, as a function over a SQLAlchemy `Connection`. A `Database` runs it: SQLite in its one
writer thread or in a reader's, PostgreSQL on a connection of its pool. What differs between the two stands in
`sqlite`, `postgres` and the migrations, and how each takes many rows at once in `bulk` and `wanted`; nothing else asks
which one it is.
"""
