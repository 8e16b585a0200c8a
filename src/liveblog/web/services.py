"""What the routes stand on, handed in by the composition root."""

from collections.abc import Callable

from msgspec import Struct

from liveblog.application.access import Access
from liveblog.application.desk import Desk
from liveblog.application.hub import Hub
from liveblog.application.readmodels import ReadModels
from liveblog.log.port import EventLog
from liveblog.session.terms import Reconnect
from liveblog.web.admission import Admission


class Services(Struct, frozen=True, kw_only=True):
    """Use cases and ports.

    Args:
        wall: The wall clock in milliseconds, for `server_time`; events get theirs under the log's lock.

    """

    event_log: EventLog
    readmodels: ReadModels
    desk: Desk
    hub: Hub
    access: Access
    admission: Admission
    wall: Callable[[], int]
    heartbeat_s: float
    reconnect: Reconnect
    max_body: int
