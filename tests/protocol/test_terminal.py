"""Section 5 of the protocol, row by row: the terminal."""

import json
from pathlib import Path

import pytest

from program import done, run
from protocol.conftest import Night


def test_migrate_then_serve(empty_sqlite_url: str) -> None:
    refused = run("serve", "--port", "0", url=empty_sqlite_url)
    assert refused.returncode == 1
    assert "liveblog migrate" in refused.stderr
    done("migrate", url=empty_sqlite_url)
    done("migrate", url=empty_sqlite_url)


def test_export_import_export(night: Night, sqlite_url: str, tmp_path: Path) -> None:
    recording = done("export", "night", url=night.url)
    header, *lines = recording.splitlines()
    assert json.loads(header).keys() == {"format", "version", "blog_id", "slug", "head", "hash"}
    assert all(json.loads(line).keys() == {"envelope", "payload", "salt", "hash"} for line in lines)
    file = tmp_path / "night.jsonl"
    file.write_text(recording)
    done("import", str(file), url=sqlite_url)
    assert done("export", "night", url=sqlite_url) == recording
    done("import", str(file), url=sqlite_url)
    assert done("export", "night", url=sqlite_url) == recording
    done("verify", "night", url=sqlite_url)
    done("verify", str(file), url=sqlite_url)


def test_verify_names_the_first_position_that_does_not_fit(night: Night, tmp_path: Path) -> None:
    lines = done("export", "night", url=night.url).splitlines(keepends=True)
    lines[5] = lines[5].replace("entry", "Entry", 1)
    file = tmp_path / "night.jsonl"
    file.write_text("".join(lines))
    failed = run("verify", str(file), url=night.url)
    assert failed.returncode == 1
    assert "5" in failed.stderr
    assert len(failed.stderr.splitlines()) == 1


def test_import_all_or_nothing_and_once(sqlite_url: str, tmp_path: Path) -> None:
    seeds = sorted(map(str, Path("seeds").glob("*.txt")))
    bad = tmp_path / "bad.txt"
    bad.write_text("liveblog coverage 1\nnonsense\n")
    assert run("import", *seeds, str(bad), url=sqlite_url).returncode == 1
    assert run("export", "night-of-the-missiles", url=sqlite_url).returncode == 1
    done("import", "--dry-run", *seeds, url=sqlite_url)
    assert run("export", "night-of-the-missiles", url=sqlite_url).returncode == 1
    done("import", *seeds, url=sqlite_url)
    once = done("export", "night-of-the-missiles", url=sqlite_url)
    done("import", *seeds, url=sqlite_url)
    assert done("export", "night-of-the-missiles", url=sqlite_url) == once


def test_tokens(night: Night) -> None:
    secret = done("token", "create", "--name", "Tom", "--role", "author", "--blog", "night", url=night.url)
    assert len(secret.splitlines()) == 1
    assert "Tom" in done("token", "list", url=night.url)
    assert secret.strip() not in done("token", "list", url=night.url)


def test_rebuild_and_its_check(night: Night) -> None:
    before = night.reader.get("/v1/blogs/night").content
    done("rebuild", "--check", url=night.url)
    done("rebuild", url=night.url)
    done("rebuild", "--check", url=night.url)
    assert night.reader.get("/v1/blogs/night").content == before


def test_watch_into_a_pipe(night: Night) -> None:
    address = f"{night.reader.address}/v1/blogs/night"
    told = done("watch", address, "--from", "start", "--at-end", "end", "--json", url=night.url)
    events = [message for message in map(json.loads, told.splitlines()) if message["type"] == "event"]
    assert [event["position"] for event in events] == list(range(1, 26))


def test_epoch_renew(night: Night) -> None:
    night.editor.start("renewed")
    before = night.reader.read("/v1/blogs/renewed")["epoch"]
    done("epoch", "renew", "renewed", url=night.url)
    with night.reader.stream("renewed", f"?from=1&epoch={before}") as stream:
        found, code = stream.end()
    assert (found[-1]["code"], code) == ("epoch_changed", 4402)
    assert night.reader.refused(f"/v1/blogs/renewed/events?epoch={before}") == (410, "epoch_changed")
    assert night.reader.read("/v1/blogs/renewed")["epoch"] != before


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "nowhere"),
        ("verify", "nowhere"),
        ("epoch", "renew", "nowhere"),
        ("rebuild", "nowhere"),
    ],
)
def test_a_failure_is_one_line_and_exit_1(night: Night, arguments: tuple[str, ...]) -> None:
    failed = run(*arguments, url=night.url)
    assert failed.returncode == 1
    assert len(failed.stderr.splitlines()) == 1


def test_wrong_usage_is_exit_2(night: Night) -> None:
    assert run("export", url=night.url).returncode == 2
    assert run("dance", url=night.url).returncode == 2
