"""What the routes stand on, handed in by the composition root."""

from collections.abc import Callable, Mapping

from msgspec import Struct

from liveblog.application.access import Access
from liveblog.application.census import Census
from liveblog.application.desk import Desk
from liveblog.application.draft_desk import DraftDesk
from liveblog.application.hub import Hub
from liveblog.application.presences import PresenceStore
from liveblog.application.readmodels import ReadModels
from liveblog.application.rendering import Renderer
from liveblog.application.shared_replays import SharedReplays
from liveblog.application.tally import Tally
from liveblog.log.port import EventLog
from liveblog.session.terms import Reconnect
from liveblog.web.admission import Admission
from liveblog.web.readiness import Readiness


class Services(Struct, frozen=True, kw_only=True):
    """Use cases and ports.

    Args:
        wall: The wall clock in milliseconds, for `server_time`; events get theirs under the log's lock.
        allowed_origins: Whose pages may use the admin routes with a cookie, beside the server's own.
        census: Counts who reads.
        renderer: Renders bodies for a preview.
        gauges: What else can be measured at any moment, by name.

    """

    event_log: EventLog
    readmodels: ReadModels
    desk: Desk
    hub: Hub
    replays: SharedReplays
    access: Access
    drafts: DraftDesk
    presences: PresenceStore
    renderer: Renderer
    admission: Admission
    wall: Callable[[], int]
    heartbeat_s: float
    reconnect: Reconnect
    max_body: int
    tally: Tally
    readiness: Readiness
    allowed_origins: tuple[str, ...]
    census: Callable[[], Census]
    gauges: Callable[[], Mapping[str, float]]
