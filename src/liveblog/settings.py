"""Settings: the only reader of the environment. Every one is a `LIVEBLOG_*` variable."""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from typing import Any, NamedTuple

PREFIX = "LIVEBLOG_"
CLIENT = frozenset({"SERVER", "TOKEN"})
"""Variables of the client commands, which need no server's settings."""
_LEVELS = ("debug", "info", "warning", "error")
_ORIGIN = re.compile(r"https?://[^/?#@\s]+")


class SettingRefused(ValueError):
    """A setting that is no such value; the text names it and says what it takes."""


class Bounds(NamedTuple):
    """What a number must be within, both ends included."""

    least: float = 0
    most: float = float("inf")


BOUNDS = {
    "port": Bounds(most=65_535),
    "max_body": Bounds(least=1_024),
    "heartbeat_s": Bounds(0.1, 3_600),
    "stall_s": Bounds(0.1, 3_600),
    "handshake_s": Bounds(0.1, 3_600),
    "body_s": Bounds(0.1, 3_600),
    "idle_s": Bounds(0.1, 3_600),
    "shutdown_s": Bounds(most=3_600),
    "drain_s": Bounds(most=3_600),
    "compression": Bounds(most=9),
    "closing_s": Bounds(most=3_600),
}
"""Narrower bounds than zero and more: a timer of zero seconds would do nothing but fire."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a server can be told. The unit is in the comment; docs/settings.md explains each."""

    database_url: str = "sqlite:///liveblog.db"
    host: str = "127.0.0.1"
    port: int = 8000
    max_connections: int = 20_000  # streams
    max_connections_per_address: int = 200  # streams
    max_sockets: int = 21_000  # connections of every kind
    command_rate: float = 50.0  # requests per second and token; 0 = no limit
    max_body: int = 1024 * 1024  # bytes
    heartbeat_s: float = 15.0  # seconds
    stall_s: float = 30.0  # seconds
    compression: int = 6  # level, 1 to 9; 0 = none
    handshake_s: float = 10.0  # seconds
    body_s: float = 30.0  # seconds
    idle_s: float = 15.0  # seconds
    reconnect_min_ms: int = 500  # milliseconds
    reconnect_max_ms: int = 30_000  # milliseconds
    reconnect_jitter_ms: int = 5_000  # milliseconds
    drain_s: float = 0.0  # seconds
    closing_s: float = 5.0  # seconds
    shutdown_s: int = 10  # seconds
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    log_level: str = "info"  # debug, info, warning or error

    def but(self, **given: Any) -> "Settings":
        """The same, but with what is given and not None."""
        return replace(self, **{name: value for name, value in given.items() if value is not None})


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Raises:
        SettingRefused: If a variable holds no such value, or there is no setting of its name: a slip in the name of a
            limit must not leave the server without it.

    """
    given = os.environ if environment is None else environment
    kinds = {each.name.upper(): type(each.default) for each in fields(Settings)}
    values: dict[str, Any] = {}
    for variable, text in given.items():
        name = variable.removeprefix(PREFIX)
        if name == variable or name in CLIENT:
            continue
        if name not in kinds:
            near = get_close_matches(name, kinds, 1)
            meant = f"did you mean {PREFIX}{near[0]}?" if near else "docs/settings.md lists them all"
            raise SettingRefused(f"there is no setting {variable}: {meant}")
        if text:
            values[name.lower()] = _read(name.lower(), kinds[name], text)
    return Settings(**values)


def token(environment: Mapping[str, str] | None = None) -> str | None:
    """The token of the client commands, `LIVEBLOG_TOKEN`."""
    return (os.environ if environment is None else environment).get(PREFIX + "TOKEN") or None


def _read(name: str, kind: type, text: str) -> Any:
    variable = PREFIX + name.upper()
    if kind is tuple:
        parts = tuple(part.strip() for part in text.split(",") if part.strip())
        return tuple(_CHECKS[name](variable, part) for part in parts)
    try:
        value = kind(text)
    except ValueError:
        wanted = {int: "a whole number", float: "a number"}[kind]
        raise SettingRefused(f"{variable} takes {wanted}, not {text!r}") from None
    if name == "log_level" and text not in _LEVELS:
        raise SettingRefused(f"{variable} takes {', '.join(_LEVELS)}, not {text!r}")
    if kind is not str:
        least, most = BOUNDS.get(name, Bounds())
        if not least <= value <= most or value == float("inf"):
            bound = f"at least {least:g}" if most == float("inf") else f"from {least:g} to {most:g}"
            raise SettingRefused(f"{variable} takes a number, {bound}, not {text}")
    return value


def _origin(variable: str, text: str) -> str:
    if not _ORIGIN.fullmatch(text):
        raise SettingRefused(f"{variable} takes origins like https://desk.example, not {text!r}")
    return text.lower()


def _network(variable: str, text: str) -> str:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        raise SettingRefused(
            f"{variable} takes addresses and networks like 10.0.0.1 or 10.0.0.0/8, not {text!r}"
        ) from None
    return text


_CHECKS = {"allowed_origins": _origin, "trusted_proxies": _network}
