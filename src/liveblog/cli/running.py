"""How the commands that own a log run: settings read, coroutines run, failures in one line."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

from liveblog.cli.failure import Failure
from liveblog.log.request import LogUnavailable
from liveblog.settings import SettingRefused, Settings, from_environment
from liveblog.storage.opening import BadDatabaseUrl, MissingDriver
from liveblog.storage.schema import SchemaOutdated
from liveblog.web.server import CannotListen

T = TypeVar("T")


def settings(**given: Any) -> Settings:
    """The settings of the environment, with the flags that were given.

    Raises:
        Failure: If a setting is no such value.

    """
    try:
        return from_environment().but(**given)
    except SettingRefused as error:
        raise Failure(str(error)) from None


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end.

    Raises:
        Failure: If the log cannot be opened or used; the line says what to do.

    """
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(work)
    except (SchemaOutdated, LogUnavailable, BadDatabaseUrl, MissingDriver, CannotListen) as error:
        raise Failure(str(error)) from None
