"""What the fold of one request stands on."""

from typing import Protocol

from liveblog.domain.rendering import Rendering
from liveblog.log.held import Held


class Ground(Protocol):
    """What a draft stands on: the batch, its own accepted requests included."""

    now: int
    log_position: int

    def render(self, source: str) -> Rendering:
        """Render a body whose proposal brought no rendering."""

    def entry(self, blog_id: str, entry_id: str) -> Held | None:
        """The newest revision of an entry."""

    def point(self, blog_id: str, point_id: str) -> Held | None:
        """The newest revision of a key point."""
