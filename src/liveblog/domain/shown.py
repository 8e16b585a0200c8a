"""Types of what readers are shown.

They say to a schema what the code that makes the values ensures; who decodes a stored document does not check it again.
"""

from typing import Annotated

from msgspec import Meta

Timestamp = Annotated[
    str,
    Meta(
        extra_json_schema={
            "format": "date-time",
            "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$",
            "examples": ["2020-01-08T01:30:00.000Z"],
        }
    ),
]
"""An instant in UTC with exactly three decimals."""
Number = Annotated[int, Meta(extra_json_schema={"minimum": 0})]
"""A count, or a position: 0 is before a blog's first event."""
Ordinal = Annotated[int, Meta(extra_json_schema={"minimum": 1})]
"""The position of an event, or the number of a revision."""
Uuid = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
Address = Annotated[str, Meta(extra_json_schema={"pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"})]
"""An absolute http or https URL."""
Digest = Annotated[str, Meta(extra_json_schema={"pattern": "^[0-9a-f]{64}$"})]
"""A SHA-256 in hexadecimal."""
EntryKind = Annotated[str, Meta(extra_json_schema={"enum": ["update", "summary", "question", "quote", "media"]})]
