"""What is posted in a benchmark: entries of a usual size, no two alike."""

from collections.abc import Iterable, Iterator, Sequence
from random import Random

from liveblog.application.desk import edition_of, new_blog, proposal
from liveblog.application.rendering import Renderer
from liveblog.domain.actor import Actor, Role
from liveblog.domain.commands import PublishEntry, StartBlog
from liveblog.log.port import EventLog
from liveblog.log.request import Accepted, Append, Commit

BODY_BYTES = 220
GROUP = 64
"""Requests that share a commit, as when so many are in flight."""
ACTOR = Actor("editor", "Edith Editor", Role.EDITOR)
RENDERER = Renderer()
_WORDS = (
    "the ministry says bases were hit shortly after midnight, officials told reporters that nobody was hurt "
    "and that more is to be said in the morning; a spokesman for the airport denies it"
)


def bodies(seed: int) -> Iterator[str]:
    """Markdown of `BODY_BYTES` bytes each, the same for the same seed."""
    dice, words = Random(seed), _WORDS.split()
    while True:
        text = " ".join(["**Update:**", *dice.choices(words, k=60)])
        yield text[: BODY_BYTES - 1] + "."


def posts(slug: str, count: int, seed: int = 1) -> list[Append]:
    """Requests that publish an entry each, rendered as the desk does before the lock is taken."""
    made = []
    for body, _ in zip(bodies(seed), range(count), strict=False):
        command = PublishEntry(body=body)
        made.append(
            Append(
                slug=slug,
                actor=ACTOR,
                commits=(Commit(proposals=(proposal(command, RENDERER.render(body)),)),),
            )
        )
    return made


def groups(requests: Sequence[Append], size: int = GROUP) -> Iterator[Sequence[Append]]:
    """Cut requests into groups."""
    for start in range(0, len(requests), size):
        yield requests[start : start + size]


def start(slug: str) -> Append:
    """The request that starts a blog."""
    command = StartBlog(slug=slug, headline="A night of news")
    return Append(
        slug=slug,
        actor=ACTOR,
        commits=(Commit(proposals=(proposal(command),)),),
        start=new_blog(edition_of(RENDERER)),
    )


async def append(log: EventLog, requests: Iterable[Append]) -> list[Accepted]:
    """Append a group; everything must be accepted."""
    outcomes = await log.append(list(requests))
    accepted = [outcome for outcome in outcomes if isinstance(outcome, Accepted)]
    assert len(accepted) == len(outcomes), outcomes
    return accepted
