"""Settings: each documented, each read, each refused in words."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from liveblog.settings import CLIENT, SettingRefused, Settings, from_environment

DOCUMENT = Path(__file__).parents[1] / "docs" / "settings.md"
VARIABLES = {f"LIVEBLOG_{each.name.upper()}" for each in fields(Settings)} | {f"LIVEBLOG_{name}" for name in CLIENT}


def test_every_setting_is_documented_with_its_default() -> None:
    """Also the other way round: the table holds no setting that is not there."""
    documented = dict(re.findall(r"^\| `LIVEBLOG_(\w+)` \| (\S+) \|", DOCUMENT.read_text(), re.MULTILINE))
    expected = {}
    for each in fields(Settings):
        value = each.default
        shown = "none" if value == () else f"`{int(value) if isinstance(value, float) else value}`"
        expected[each.name.upper()] = shown
    assert documented == expected


def test_no_document_and_no_help_names_a_variable_that_is_not_there() -> None:
    root = DOCUMENT.parents[1]
    texts = [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("src/**/*.py")]
    named = {name for path in texts for name in re.findall(r"(?<!_)LIVEBLOG_[A-Z][A-Z_]*[A-Z]", path.read_text())}
    assert named <= VARIABLES
    assert named >= VARIABLES


def test_the_environment_overrides_the_defaults_and_flags_override_both() -> None:
    read = from_environment({"LIVEBLOG_PORT": "9", "LIVEBLOG_TRUSTED_PROXIES": "10.0.0.1, ::1", "LIVEBLOG_HOST": ""})
    assert (read.port, read.trusted_proxies, read.host) == (9, ("10.0.0.1", "::1"), "127.0.0.1")
    assert read.but(port=7, host=None) == from_environment(
        {"LIVEBLOG_PORT": "7", "LIVEBLOG_TRUSTED_PROXIES": "10.0.0.1,::1"}
    )


def test_every_setting_is_read_from_its_variable() -> None:
    given = {
        "database_url": "sqlite:///other.db",
        "host": "0.0.0.0",
        "log_level": "debug",
        "allowed_origins": "https://Desk.example, http://localhost:3000",
        "trusted_proxies": "10.0.0.0/8",
    }
    numbers = {
        each.name: str(int(getattr(Settings(), each.name)) + 1) for each in fields(Settings) if each.name not in given
    }
    read = from_environment({f"LIVEBLOG_{name.upper()}": text for name, text in (numbers | given).items()})
    assert read.allowed_origins == ("https://desk.example", "http://localhost:3000")
    for each in fields(Settings):
        assert getattr(read, each.name) != each.default, each.name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "x"),
        ("PORT", "65536"),
        ("STALL_S", "-1"),
        ("HEARTBEAT_S", "nan"),
        ("HEARTBEAT_S", "0"),
        ("COMMAND_RATE", "inf"),
        ("MAX_BODY", "1000"),
        ("LOG_LEVEL", "loud"),
        ("ALLOWED_ORIGINS", "https://desk.example/"),
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_ORIGINS", "desk.example"),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "proxy.example"),
    ],
)
def test_what_is_no_such_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingRefused, match=f"LIVEBLOG_{name}"):
        from_environment({f"LIVEBLOG_{name}": value})


def test_a_variable_that_is_no_setting_is_refused_with_the_one_that_may_be_meant() -> None:
    with pytest.raises(SettingRefused, match="no setting LIVEBLOG_COMAND_RATE: did you mean LIVEBLOG_COMMAND_RATE"):
        from_environment({"LIVEBLOG_COMAND_RATE": "5"})
    with pytest.raises(SettingRefused, match=r"docs/settings\.md"):
        from_environment({"LIVEBLOG_XYZZY": ""})
    assert from_environment({"LIVEBLOG_TOKEN": "x", "LIVEBLOG_SERVER": "y", "LIVE": "z"}) == Settings()


def test_nothing_else_reads_the_environment() -> None:
    """One flag names a variable for click to read, which is how its help shows it."""
    sources = (DOCUMENT.parents[1] / "src").rglob("*.py")
    readers = {path.name for path in sources if re.search(r"\benviron\b|\bgetenv\b", path.read_text())}
    assert readers == {"settings.py"}
