"""Exporting: a blog's log as a recording, verified on its way out and never held whole."""

from collections.abc import AsyncIterator

from liveblog.application.recording import event_line, header_line
from liveblog.application.verifying import Evidence, StoredBlog, verified
from liveblog.domain.events import BlogStarted
from liveblog.log.codec import CODEC
from liveblog.log.record import Record


async def recording_of(evidence: Evidence, blog: StoredBlog) -> AsyncIterator[bytes]:
    """Write the lines of a blog's recording, each with its newline.

    Args:
        evidence: Where the rows are.
        blog: The blog's row, read just now: the recording ends at its head.

    Raises:
        Unfit: Where the stored history is not what was written. What came before it is no whole recording, and would
            be refused as one.
        LogUnavailable: If the log cannot be read now.

    """
    async for record in verified(evidence, blog):
        if record.envelope.position == 1:
            chained = blog.hash if isinstance(blog.hash, bytes) else b""
            yield header_line(blog.blog_id, _started_as(record) or blog.slug, blog.position, chained)
        yield event_line(record)


def _started_as(first: Record) -> str | None:
    assert first.payload is not None
    event, _ = CODEC.decode(first.envelope, first.payload)
    return event.slug if isinstance(event, BlogStarted) else None
