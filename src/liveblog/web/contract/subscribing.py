"""What a subscription can ask for in its address: the parameters that `session.query` reads."""

from typing import Annotated, Literal

from msgspec import Meta

from liveblog.domain.text import INSTANT, ReplayName
from liveblog.session.query import FASTEST, SLOWEST
from liveblog.web.contract.operation import Parameter

Origin = Annotated[str, Meta(pattern=rf"\A(live|start|[0-9]+|{INSTANT[2:-2]})\Z")]
Rate = Literal["instant"] | Annotated[float, Meta(ge=SLOWEST, le=FASTEST)]

STREAM = (
    Parameter(
        name="from",
        kind=Origin,
        about="`live`, `start`, a position (events after it), or a time (events after it, after a `snapshot`).",
        default="live",
    ),
    Parameter(
        name="rate",
        kind=Rate,
        about="Timeline seconds per second, or `instant`: as fast as the client takes it.",
        default="instant",
    ),
    Parameter(
        name="max_gap", kind=Annotated[float, Meta(gt=0)], about="Seconds to which longer silences are shortened."
    ),
    Parameter(
        name="at_end",
        kind=Literal["follow", "end"],
        about="Go on live at the newest event, or end there.",
        default="follow",
    ),
    Parameter(
        name="epoch",
        kind=Annotated[str, Meta(min_length=1, max_length=200)],
        about="The copy that the position belongs to.",
    ),
    Parameter(
        name="hash",
        kind=Annotated[str, Meta(pattern=r"\A[0-9a-fA-F]{64}\Z")],
        about="The chain's hash at the position given as `from`: another one there means another history.",
    ),
    Parameter(
        name="session",
        kind=ReplayName,
        about="The shared replay to join at its present moment; its clock is not the reader's to steer.",
    ),
)
