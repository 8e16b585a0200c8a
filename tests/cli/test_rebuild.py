"""`liveblog rebuild` as a process: what it says, and with which exit code."""

from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa

from program import done, run, serving

SEED = Path(__file__).parents[2] / "seeds" / "night-of-the-missiles.txt"


@pytest.fixture
def url(sqlite_url: str) -> str:
    """A database with two blogs."""
    done("import", str(SEED), "--slug", "night", url=sqlite_url)
    done("import", str(SEED), "--slug", "again", url=sqlite_url)
    return sqlite_url


def change(url: str, statement: str) -> None:
    """Do to the database what no program of ours would do."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        assert connection.exec_driver_sql(statement).rowcount > 0
    engine.dispose()


def head(url: str, slug: str) -> int:
    return len(done("export", slug, url=url).splitlines()) - 1


def test_every_blog_is_rebuilt_or_those_that_are_named(url: str) -> None:
    before = done("export", "night", url=url)
    night, again = head(url, "night"), head(url, "again")
    every = [f"again: rebuilt up to position {again}", f"night: rebuilt up to position {night}"]
    assert done("rebuild", url=url).splitlines() == every
    assert done("rebuild", "night", url=url).splitlines() == every[1:]
    assert done("rebuild", "--check", url=url).splitlines() == ["again: as the log says", "night: as the log says"]
    assert done("export", "night", url=url) == before


def test_a_difference_is_said_with_its_blog_table_and_position_and_the_exit_code_is_one(url: str) -> None:
    change(url, "UPDATE headers SET document = x'7b7d' WHERE valid_from = 1 AND blog_id = (SELECT blog_id FROM blogs"
                " WHERE slug = 'night')")  # fmt: skip
    change(url, "DELETE FROM counts WHERE position = 3 AND blog_id = (SELECT blog_id FROM blogs WHERE slug = 'night')")
    checked = run("rebuild", "--check", url=url)
    assert checked.returncode == 1
    assert checked.stdout.splitlines() == [
        "again: as the log says",
        "night: headers at position 1: document differs",
    ]
    assert checked.stderr == "liveblog: 1 of the blogs differ: run liveblog rebuild\n"
    done("rebuild", "night", url=url)
    assert done("rebuild", "--check", url=url).splitlines()[1] == "night: as the log says"


def test_a_changed_rendering_is_mended_by_rendering_again(url: str, tmp_path: Path) -> None:
    with serving(url, tmp_path) as server:
        whole = httpx2.get(f"{server.address}/v1/blogs/night").json()["entries"]
    change(url, "UPDATE renderings SET html = html || '<b>no</b>', text = text || 'no'")
    checked = run("rebuild", "--check", url=url)
    assert checked.returncode == 1
    assert checked.stderr == "liveblog: 2 of the blogs differ: run liveblog rebuild --render\n"
    done("rebuild", url=url)
    assert run("rebuild", "--check", url=url).returncode == 1
    done("rebuild", "--render", url=url)
    done("rebuild", "--check", url=url)
    with serving(url, tmp_path) as server:
        assert httpx2.get(f"{server.address}/v1/blogs/night").json()["entries"] == whole
    assert run("rebuild", "--check", "--render", url=url).returncode == 2


def test_a_blog_of_another_renderer_is_named_when_the_server_starts_and_gets_a_new_edition(
    url: str, tmp_path: Path
) -> None:
    change(url, "UPDATE blogs SET edition = 'r0' WHERE slug = 'night'")
    with serving(url, tmp_path):
        said = (tmp_path / "server.log").read_text()
    assert '"event": "rendered_by_another_release"' in said
    assert '"blogs": 1' in said
    assert '"run": "liveblog rebuild"' in said
    checked = run("rebuild", "--check", url=url)
    assert checked.returncode == 1
    assert checked.stderr == "liveblog: night is of edition r0, this release makes r1: run liveblog rebuild\n"
    assert done("rebuild", "night", url=url).endswith(", edition r1\n")
    assert "night: as the log says" in done("rebuild", "--check", url=url)


def test_a_blog_that_is_not_there_is_refused_in_one_line(url: str) -> None:
    for command in (["rebuild", "night", "day"], ["rebuild", "--check", "day"]):
        refused = run(*command, url=url)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr == "liveblog: there is no blog day\n"
