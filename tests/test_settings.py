"""Settings: each documented, each read, each refused in words."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from liveblog.settings import SettingRefused, Settings, from_environment

DOCUMENT = Path(__file__).parents[1] / "docs" / "settings.md"


def test_every_setting_is_documented_with_its_default() -> None:
    documented = dict(re.findall(r"^\| `LIVEBLOG_(\w+)` \| (\S+) \|", DOCUMENT.read_text(), re.MULTILINE))
    expected = {}
    for each in fields(Settings):
        value = each.default
        shown = "none" if value == () else f"`{int(value) if isinstance(value, float) else value}`"
        expected[each.name.upper()] = shown
    assert documented == expected


def test_the_environment_overrides_the_defaults_and_flags_override_both() -> None:
    read = from_environment({"LIVEBLOG_PORT": "9", "LIVEBLOG_TRUSTED_PROXIES": "10.0.0.1, ::1", "LIVEBLOG_HOST": ""})
    assert (read.port, read.trusted_proxies, read.host) == (9, ("10.0.0.1", "::1"), "127.0.0.1")
    assert read.but(port=7, host=None) == from_environment(
        {"LIVEBLOG_PORT": "7", "LIVEBLOG_TRUSTED_PROXIES": "10.0.0.1,::1"}
    )


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "x"), ("STALL_S", "-1"), ("HEARTBEAT_S", "nan"), ("LOG_LEVEL", "loud")]
)
def test_what_is_no_such_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingRefused, match=f"LIVEBLOG_{name}"):
        from_environment({f"LIVEBLOG_{name}": value})


def test_nothing_else_reads_the_environment() -> None:
    """One flag names a variable for click to read, which is how its help shows it."""
    sources = (DOCUMENT.parents[1] / "src").rglob("*.py")
    readers = {path.name for path in sources if re.search(r"\benviron\b|\bgetenv\b", path.read_text())}
    assert readers == {"settings.py"}
