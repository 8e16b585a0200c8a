"""The states of a session, and what leads from one to another.

Theory of operation
-------------------
A session is one reader's cursor in one blog's log. Whatever it does, it sends the event at cursor + 1 next, or none.

*When* that event may leave is what the states differ in:

- `OPENING`: the place to start from is being looked up. Nothing is said yet.
- `PLAYING`: a replay. With a rate, each event leaves when the clock reaches it; with `instant`, at once.
- `BUFFERING`: a paced replay has an event overdue and cannot send it: it is not read yet, or the socket takes nothing.
  The clock waits for it.
- `PAUSED`: a replay stands. Nothing leaves but what `step` asks for.
- `LIVE`: at the live edge. Each event leaves at commit, whatever the rate.
- `CATCHING_UP`: a live reader was slow or paused and is given what it missed, at once, whatever the rate.
- `HELD`: a live reader has paused. Like `PAUSED`, but what was missed comes at once on resuming.
- `SEEKING`: the place to go to is being looked up. What was in flight belongs to the old generation and is dropped.
- `ENDED`: the end that was asked for is reached; only the close is left.
- `CLOSED`: nothing comes in or goes out any more.

Two things lie across the states. While an answer waits for a look-up (`SEEKING`, `OPENING`, a step, a clock that must
first learn where it stands) nothing else leaves and later client messages wait in order, so that answers keep the
order of the questions. And while the socket takes nothing, nothing leaves at all: the log is the buffer, and the
cursor the only memory of where it went on.

Reading is a consequence, never an event: whenever a state may send and the next event is not at hand, it is asked for.
A wake-up only raises the known head. So wake-ups and pages may be lost, late, repeated or reordered.
"""

from collections.abc import Mapping
from enum import Enum

from liveblog.session.messages import Shown


class State(Enum):
    """Where a conversation stands."""

    OPENING = "opening"
    PLAYING = "playing"
    BUFFERING = "buffering"
    PAUSED = "paused"
    LIVE = "live"
    CATCHING_UP = "catching up"
    HELD = "held"
    SEEKING = "seeking"
    ENDED = "ended"
    CLOSED = "closed"


class Happening(Enum):
    """What can move a conversation on: a control that was taken, or something that the session noticed."""

    PLACED_BEHIND = "placed behind the head"
    PLACED_AT_HEAD = "placed at the head"
    PLACED_PAUSED_BEHIND = "placed behind the head, paused"
    PLACED_PAUSED_AT_HEAD = "placed at the head, paused"
    PAUSE = "pause"
    RESUME = "resume"
    RESUME_BEHIND = "resume with something missed"
    STEP = "step"
    SEEK = "seek"
    STALL = "stall"
    RECOVER = "recover"
    FALL_BEHIND = "fall behind"
    REACH_HEAD = "reach the head"
    REACH_END = "reach the end"
    CLOSE = "close"


_S, _H = State, Happening

TRANSITIONS: Mapping[State, Mapping[Happening, State]] = {
    _S.OPENING: {
        _H.PLACED_BEHIND: _S.PLAYING,
        _H.PLACED_AT_HEAD: _S.LIVE,
        _H.CLOSE: _S.CLOSED,
    },
    _S.PLAYING: {
        _H.PAUSE: _S.PAUSED,
        _H.RESUME: _S.PLAYING,
        _H.SEEK: _S.SEEKING,
        _H.STALL: _S.BUFFERING,
        _H.REACH_HEAD: _S.LIVE,
        _H.REACH_END: _S.ENDED,
        _H.CLOSE: _S.CLOSED,
    },
    _S.BUFFERING: {
        _H.PAUSE: _S.PAUSED,
        _H.RESUME: _S.BUFFERING,
        _H.SEEK: _S.SEEKING,
        _H.RECOVER: _S.PLAYING,
        _H.CLOSE: _S.CLOSED,
    },
    _S.PAUSED: {
        _H.PAUSE: _S.PAUSED,
        _H.RESUME: _S.PLAYING,
        _H.STEP: _S.PAUSED,
        _H.SEEK: _S.SEEKING,
        _H.CLOSE: _S.CLOSED,
    },
    _S.LIVE: {
        _H.PAUSE: _S.HELD,
        _H.RESUME: _S.LIVE,
        _H.SEEK: _S.SEEKING,
        _H.FALL_BEHIND: _S.CATCHING_UP,
        _H.REACH_END: _S.ENDED,
        _H.CLOSE: _S.CLOSED,
    },
    _S.CATCHING_UP: {
        _H.PAUSE: _S.HELD,
        _H.RESUME: _S.CATCHING_UP,
        _H.SEEK: _S.SEEKING,
        _H.REACH_HEAD: _S.LIVE,
        _H.REACH_END: _S.ENDED,
        _H.CLOSE: _S.CLOSED,
    },
    _S.HELD: {
        _H.PAUSE: _S.HELD,
        _H.RESUME: _S.LIVE,
        _H.RESUME_BEHIND: _S.CATCHING_UP,
        _H.STEP: _S.HELD,
        _H.SEEK: _S.SEEKING,
        _H.CLOSE: _S.CLOSED,
    },
    _S.SEEKING: {
        _H.PLACED_BEHIND: _S.PLAYING,
        _H.PLACED_AT_HEAD: _S.LIVE,
        _H.PLACED_PAUSED_BEHIND: _S.PAUSED,
        _H.PLACED_PAUSED_AT_HEAD: _S.HELD,
        _H.CLOSE: _S.CLOSED,
    },
    _S.ENDED: {
        _H.CLOSE: _S.CLOSED,
    },
    _S.CLOSED: {},
}
"""What is not here cannot happen."""

_SHOWN: Mapping[State, Shown] = {
    State.PLAYING: "playing",
    State.BUFFERING: "buffering",
    State.PAUSED: "paused",
    State.LIVE: "live",
    State.CATCHING_UP: "playing",
    State.HELD: "paused",
    State.ENDED: "ended",
}


class IllegalTransition(AssertionError):
    """Something happened in a state in which it cannot."""

    def __init__(self, state: State, happening: Happening) -> None:
        super().__init__(f"{happening.value!r} cannot happen while {state.value!r}")


def after(state: State, happening: Happening) -> State:
    """Return the state that a happening leads to.

    Raises:
        IllegalTransition: If it cannot happen in this state.

    """
    try:
        return TRANSITIONS[state][happening]
    except KeyError:
        raise IllegalTransition(state, happening) from None


def allows(state: State, happening: Happening) -> bool:
    """Whether something can happen in a state."""
    return happening in TRANSITIONS[state]


def shown(state: State) -> Shown:
    """Return what readers are told the state is.

    Raises:
        KeyError: If the state is one in which nothing is said.

    """
    return _SHOWN[state]
