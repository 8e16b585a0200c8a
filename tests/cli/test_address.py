"""What people write, and the blog that it names."""

import pytest

from liveblog.cli.address import Address, parse_blog, parse_server

SERVER = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("text", "server", "query"),
    [
        ("night", SERVER, {}),
        ("http://news.example/night", "http://news.example", {}),
        ("https://news.example:444/night/", "https://news.example:444", {}),
        ("ws://news.example/night", "http://news.example", {}),
        ("wss://news.example/live/night", "https://news.example/live", {}),
        ("http://news.example/v1/blogs/night", "http://news.example", {}),
        ("http://news.example/live/v1/blogs/night/sse", "http://news.example/live", {}),
        (
            "wss://news.example/v1/blogs/night/stream?from=start&rate=60&max_gap=",
            "https://news.example",
            {"from": "start", "rate": "60", "max_gap": ""},
        ),
    ],
)
def test_every_form_of_address_names_the_same_blog(text: str, server: str, query: dict[str, str]) -> None:
    assert parse_blog(text, SERVER) == Address(server, "night", query)


@pytest.mark.parametrize(
    "text",
    ["", "Night", "-night", "a" * 81, "a/b", "http://news.example/", "ftp://news.example/night", "http:///night"],
)
def test_what_names_no_blog_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|no blog"):
        parse_blog(text, SERVER)


@pytest.mark.parametrize("text", ["news.example", "http://news.example/?a=1", "http://x/#a", "http://x:port"])
def test_a_servers_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|port"):
        parse_server(text)


def test_slashes_at_the_end_of_a_servers_address_do_not_count() -> None:
    assert parse_server("https://news.example/live//") == "https://news.example/live"


def test_a_secret_in_a_url_is_refused() -> None:
    with pytest.raises(ValueError, match="LIVEBLOG_TOKEN"):
        parse_blog("http://me:secret@news.example/night", SERVER)


def test_a_query_is_escaped_in_the_streams_address() -> None:
    """The plus of an offset would otherwise arrive as a blank."""
    address = parse_blog("https://news.example/live/night", SERVER)
    asked = address.stream({"from": "2020-01-08T01:30:00+03:00"})
    assert asked == "wss://news.example/live/v1/blogs/night/stream?from=2020-01-08T01%3A30%3A00%2B03%3A00"
    assert address.stream({}) == "wss://news.example/live/v1/blogs/night/stream"
    assert address.commands == "https://news.example/live/v1/admin/blogs/night/commands"
