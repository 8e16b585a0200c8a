"""A blog's log folded once more, from its beginning and piece by piece: the rows that appending left.

The fold itself is the one that appends: a piece is a draft on which stored events are followed. Between two pieces only
the blog without its entries is kept; entries and key points that a piece names come from the rows of the pieces before
it, by key. So a long blog takes no more memory than a short one, and no event costs more than the first.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct, structs

from liveblog.domain import instant
from liveblog.domain.actor import Actor
from liveblog.domain.events import EntryPublished, Event
from liveblog.domain.evolve import Render
from liveblog.domain.rendering import Rendering
from liveblog.log.codec import CODEC
from liveblog.log.draft import Draft
from liveblog.log.held import Held
from liveblog.log.record import Envelope
from liveblog.log.request import NewBlog
from liveblog.log.rows import Rows


class Told(Struct, frozen=True, gc=False):
    """A stored event, read: where and when it stands, who acted, and the chain's hash there."""

    position: int
    at: int
    event: Event
    actor: Actor
    hash: bytes


def tell(envelope: Envelope, payload: bytes, chained: bytes) -> Told:
    """Read a stored event.

    Raises:
        UnknownEvent: If a newer release wrote it.

    """
    event, actor = CODEC.decode(envelope, payload)
    return Told(envelope.position, instant.parse(envelope.at), event, actor, chained)


class Piece(Struct, frozen=True):
    """What a piece of the log names that came before it: the newest revisions, by entry id and by point id."""

    told: Sequence[Told]
    entries: Mapping[str, Held]
    points: Mapping[str, Held]


def named(told: Sequence[Told]) -> tuple[set[str], set[str]]:
    """The ids of entries, and of key points, that these events name and that may have come before them."""
    entries: set[str] = set()
    points: set[str] = set()
    for each in told:
        event = each.event
        if isinstance(event, EntryPublished):
            continue
        if (entry_id := getattr(event, "entry_id", None)) is not None:
            entries.add(entry_id)
        elif (point_id := getattr(event, "point_id", None)) is not None:
            points.add(point_id)
    return entries, points


class Refold:
    """A blog's fold, as far as it has come.

    Args:
        slug: The blog's.
        blog: Its identity.
        generation: Under which the rows are made.

    """

    def __init__(self, slug: str, blog: NewBlog, generation: int) -> None:
        new = Draft.of_new_blog(slug, blog, _Footing(Piece((), {}, {}), _no_rendering))
        self.head = structs.replace(new.head, generation=generation)
        self.latest: int | None = None
        """The highest `published_at` so far, in milliseconds."""

    def fold(self, piece: Piece, render: Render) -> Rows:
        """Fold the events that come next.

        Args:
            piece: Those events, and what they name.
            render: Makes HTML and plain text of a body's Markdown.

        Returns:
            The rows of the read models; `records` and `keys` stay empty.

        """
        draft = Draft(self.head, _Footing(piece, render))
        draft.bounded = False
        for told in piece.told:
            assert told.position == draft.head.position + 1, "the log has a gap"
            draft.follow(told.event, told.actor, told.at, told.hash)
        self.head = draft.head
        published = [row.published_at for row in draft.rows.entries if row.valid_from == row.first_position]
        if published:
            self.latest = max(published if self.latest is None else [self.latest, *published])
        return draft.rows


def _no_rendering(source: str) -> Rendering:
    raise AssertionError(f"nothing is folded yet that could have a body: {source}")


class _Footing:
    """What a piece's draft stands on."""

    now = 0
    log_position = 0

    def __init__(self, piece: Piece, render: Render) -> None:
        self._piece = piece
        self._render = render

    def render(self, source: str) -> Rendering:
        return self._render(source)

    def entry(self, blog_id: str, entry_id: str) -> Held | None:
        del blog_id
        return self._piece.entries.get(entry_id)

    def point(self, blog_id: str, point_id: str) -> Held | None:
        del blog_id
        return self._piece.points.get(point_id)
