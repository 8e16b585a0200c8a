"""Logs: JSON lines on standard error, ours and the libraries', with no secret in them."""

import logging
import re
import sys
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from liveblog.application.access import SECRET_PREFIX

_SECRET = re.compile(re.escape(SECRET_PREFIX) + r"[A-Za-z0-9_-]{20,}")


def scrubbed(text: str) -> str:
    """The text without tokens. Nothing logs one; this is for the day when something does."""
    return _SECRET.sub(SECRET_PREFIX + "…", text)


def configure_logging(level: str, stream: TextIO | None = None) -> None:
    """Log to a stream from now on.

    Args:
        level: `debug`, `info`, `warning` or `error`; libraries are heard from `warning` on.
        stream: Where to, instead of standard error.

    """
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # A traceback tells where, never what the variables held: a request's are full of what is nobody's business.
    tracebacks = structlog.processors.ExceptionRenderer(
        structlog.tracebacks.ExceptionDictTransformer(show_locals=False, use_rich=False)
    )
    ending: list[Processor] = [tracebacks, _line]
    structlog.configure(
        processors=[*shared, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    logging.basicConfig(level=max(threshold, logging.WARNING), handlers=[handler], force=True)


_json = structlog.processors.JSONRenderer(ensure_ascii=False)


def _line(logger: Any, name: str, event: EventDict) -> str:
    written = _json(logger, name, event)
    return scrubbed(written if isinstance(written, str) else written.decode())
