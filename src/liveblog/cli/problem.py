"""A refusal's answer as one line: its code, what to do, and every fault with its place."""

import msgspec
from msgspec import Struct


class Fault(Struct, frozen=True):
    """One thing that is wrong with a request's body; an empty path is the body itself."""

    path: str = ""
    message: str = ""


class Revised(Struct, frozen=True):
    """What a refusal tells of the entry or key point that it is about: how often it has been revised."""

    revision: int | None = None


class Headed(Struct, frozen=True):
    """What a refusal tells of the header."""

    header_revision: int | None = None


class Problem(Struct, frozen=True):
    """A problem answer (RFC 9457), as much of it as an editor wants to read."""

    code: str | None = None
    title: str | None = None
    detail: str | None = None
    errors: tuple[Fault, ...] = ()
    position: int | None = None
    entry: Revised | None = None
    point: Revised | None = None
    header: Headed | None = None


def line(status: int, body: bytes) -> str:
    """Say in one line why a request was refused.

    Args:
        status: The answer's HTTP status, which is all there is to say where the body is no problem document.
        body: The answer's bytes.

    """
    try:
        problem = msgspec.json.decode(body, type=Problem)
    except msgspec.DecodeError:
        problem = Problem()
    if problem.code is None:
        return f"the server answered {status}" + (f": {problem.title}" if problem.title else "")
    said = problem.detail or problem.title
    parts = [f"{problem.code}: {said}" if said else problem.code]
    parts += [f"{fault.path}: {fault.message}" if fault.path else fault.message for fault in problem.errors]
    return "; ".join(parts) + _now(problem)


def _now(problem: Problem) -> str:
    """Say what stands now, for whoever lost a race."""
    facts = []
    if problem.position is not None:
        facts.append(f"the blog is at position {problem.position}")
    if problem.entry and problem.entry.revision is not None:
        facts.append(f"the entry is at revision {problem.entry.revision}")
    if problem.point and problem.point.revision is not None:
        facts.append(f"the key point is at revision {problem.point.revision}")
    if problem.header and problem.header.header_revision is not None:
        facts.append(f"the header is at revision {problem.header.header_revision}")
    return f" ({', '.join(facts)})" if facts else ""
