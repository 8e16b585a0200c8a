"""The log in memory keeps the contract of every log."""

import pytest

from liveblog.log.memory import MemoryLog
from log.build import FakeClock, memory_log
from log.contract import LogContract


class TestMemoryLog(LogContract):
    event_id_clash = AssertionError

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def log(self, clock: FakeClock) -> MemoryLog:
        return memory_log(clock)
