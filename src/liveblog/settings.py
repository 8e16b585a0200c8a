"""Settings: the only reader of the environment. Every one is a `LIVEBLOG_*` variable."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

PREFIX = "LIVEBLOG_"
_LEVELS = ("debug", "info", "warning", "error")


class SettingRefused(ValueError):
    """A setting that is no such value; the text names it and says what it takes."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a server can be told. The unit is in the comment; docs/settings.md explains each."""

    database_url: str = "sqlite:///liveblog.db"
    host: str = "127.0.0.1"
    port: int = 8000
    max_connections: int = 20_000  # streams
    max_connections_per_address: int = 200  # streams
    command_rate: float = 50.0  # requests per second and token; 0 = no limit
    max_body: int = 1024 * 1024  # bytes
    heartbeat_s: float = 15.0  # seconds
    stall_s: float = 30.0  # seconds
    reconnect_min_ms: int = 500  # milliseconds
    reconnect_max_ms: int = 30_000  # milliseconds
    reconnect_jitter_ms: int = 5_000  # milliseconds
    shutdown_s: int = 10  # seconds
    trusted_proxies: tuple[str, ...] = ()
    log_level: str = "info"  # debug, info, warning or error

    def but(self, **given: Any) -> "Settings":
        """The same, but with what is given and not None."""
        return replace(self, **{name: value for name, value in given.items() if value is not None})


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Raises:
        SettingRefused: If a variable holds no such value, or there is no setting of its name.

    """
    given = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    for each in fields(Settings):
        text = given.get(PREFIX + each.name.upper())
        if text is not None and text != "":
            values[each.name] = _read(each.name, type(each.default), text)
    return Settings(**values)


def token(environment: Mapping[str, str] | None = None) -> str | None:
    """The token of the client commands, `LIVEBLOG_TOKEN`."""
    return (os.environ if environment is None else environment).get(PREFIX + "TOKEN") or None


def _read(name: str, kind: type, text: str) -> Any:
    if kind is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    try:
        value = kind(text)
    except ValueError:
        wanted = {int: "a whole number", float: "a number"}[kind]
        raise SettingRefused(f"{PREFIX}{name.upper()} takes {wanted}, not {text!r}") from None
    if name == "log_level" and text not in _LEVELS:
        raise SettingRefused(f"{PREFIX}LOG_LEVEL takes {', '.join(_LEVELS)}, not {text!r}")
    if kind is not str and not 0 <= value < float("inf"):
        raise SettingRefused(f"{PREFIX}{name.upper()} cannot be {text}")
    return value
