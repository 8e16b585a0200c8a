"""Commands that put a mark on an entry or take it away: breaking, pinned, key event."""

import click

from liveblog.cli.editor import Editor, editing


def _mark(name: str, kind: str, summary: str) -> click.Command:
    @click.command(name, help=summary)
    @editing
    @click.argument("entry_id")
    @click.option("--expected-revision", type=int, help="Refuse unless the entry is at this revision.")
    def command(editor: Editor, entry_id: str, expected_revision: int | None) -> None:
        editor.command(kind, entry_id=entry_id, expected_revision=expected_revision)

    return command


flag = _mark("flag", "flag_breaking", "Mark an entry as breaking news.")
unflag = _mark("unflag", "clear_breaking", "Take the breaking mark away.")
pin = _mark("pin", "pin_entry", "Keep an entry at the top.")
unpin = _mark("unpin", "unpin_entry", "Let an entry go back to its place.")
key = _mark("key", "mark_key_event", "Make an entry a key event.")
unkey = _mark("unkey", "unmark_key_event", "Make an entry an ordinary one again.")
