"""The contract of a log: every store runs this suite, the one in memory included.

A subclass brings two fixtures: `clock`, a `FakeClock`, and `log`, an empty `EventLog` built on that clock and on
`render` of log.build. A store whose driver says in its own words that an event id stands twice names the exception in
`event_id_clash`.
"""

from typing import ClassVar

import pytest

from log.contracts.adopting import Adopting
from log.contracts.deciding import Deciding
from log.contracts.effects import Effects
from log.contracts.keys import Keys
from log.contracts.order import Order
from log.contracts.times import Times
from log.contracts.together import Together


@pytest.mark.anyio
class LogContract(Order, Deciding, Keys, Times, Effects, Adopting, Together):
    """What holds of every log."""

    event_id_clash: ClassVar[type[BaseException] | tuple[type[BaseException], ...]] = Exception
