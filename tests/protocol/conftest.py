"""One night on a server of its own, with an event of every kind, asked by a client that knows the protocol only."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any

import pytest

from liveblog.storage import migrate
from program import done, serving
from protocol.stranger import Stranger

MEDIA = {
    "type": "image",
    "url": "https://example.org/p.jpg",
    "alt": "A crater beside a hangar",
    "caption": "The morning after",
    "credit": "Agency",
    "width": 1280,
    "height": 720,
}


@dataclass
class Night:
    """The server, those who ask it, and what was posted."""

    url: str
    editor: Stranger
    admin: Stranger
    author: Stranger
    limited: Stranger
    reader: Stranger
    entries: dict[str, str] = field(default_factory=dict)
    at: dict[str, int] = field(default_factory=dict)

    def post(self, name: str, kind: str, /, **fields: Any) -> Any:
        """Post a command and remember under a name where it came to stand."""
        answer = self.editor.do("night", kind, **fields)
        self.at[name] = answer["position"]
        if kind == "publish_entry":
            self.entries[name] = answer["entry"]["id"]
        return answer


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    folder = tmp_path_factory.mktemp("protocol")
    url = f"sqlite:///{folder / 'blog.db'}"
    migrate.upgrade(url)

    def token(name: str, *more: str) -> str:
        return done("token", "create", "--name", name, *more, url=url).strip()

    editor, admin = token("Edith Editor"), token("Ada Admin", "--role", "admin")
    author = token("Arthur Author", "--role", "author")
    limited = token("Lena Limited", "--blog", "other")
    with serving(url, folder, LIVEBLOG_HEARTBEAT_S="1") as server, ExitStack() as open_askers:

        def asker(secret: str | None) -> Stranger:
            return open_askers.enter_context(closing(Stranger(server.address, secret)))

        found = Night(url, asker(editor), asker(admin), asker(author), asker(limited), asker(None))
        fill(found)
        yield found


def fill(night: Night) -> None:
    """Post an event of every kind."""
    blog = {"headline": "A night", "standfirst": "What happened.", "language": "en", "time_zone": "Asia/Baghdad"}
    night.editor.start("night", **blog)
    night.editor.start("other")
    post, entries = night.post, night.entries
    post(
        *("whole", "publish_entry"),
        headline="Rockets fall",
        body="At least **ten** fell.\n\n- on a base\n- beside it",
        contributors=[{"name": "Ann", "role": "Correspondent", "outlet": "The Paper"}],
        sources=[{"name": "Ministry", "url": None}],
        media=[MEDIA],
        links=[{"title": "What we know", "url": "https://example.org/known"}],
        tags=["bases"],
    )
    post("flagged", "publish_entry", headline="Second base", breaking=True, pinned=True, key_event=True)
    post("question", "publish_entry", kind="question", question="Why now?", body="Because of Friday.")
    post("quote", "publish_entry", kind="quote", body="All is well.", quote={"speaker": "A man", "role": "President"})
    post("media", "publish_entry", kind="media", media=[MEDIA])
    post("summary", "publish_entry", kind="summary", headline="So far", body="Two bases.")
    post("gone", "publish_entry", headline="A mistake", body="Wrong.")
    post("header", "change_headline", standfirst="What is known.")
    post("revised", "revise_entry", entry_id=entries["whole"], tags=["bases", "rockets"])
    post(
        *("corrected", "correct_entry"),
        entry_id=entries["whole"],
        body="More than **a dozen** fell.",
        was="ten",
        now="more than a dozen",
        reason="The ministry gave the number.",
    )
    post("retracted", "retract_entry", entry_id=entries["gone"], reason="It did not happen.")
    post("breaking", "flag_breaking", entry_id=entries["whole"])
    post("cleared", "clear_breaking", entry_id=entries["flagged"])
    post("pinned", "pin_entry", entry_id=entries["summary"])
    post("unpinned", "unpin_entry", entry_id=entries["flagged"])
    post("marked", "mark_key_event", entry_id=entries["whole"])
    post("unmarked", "unmark_key_event", entry_id=entries["flagged"])
    post("point", "set_key_point", point_id="dead", text="Nobody died.", sources=[{"name": "Ministry", "url": None}])
    post("point again", "set_key_point", point_id="dead", text="Nobody died; some were hurt.", reason="New facts.")
    post("second point", "set_key_point", point_id="bases", text="Two bases were hit.")
    post("point withdrawn", "withdraw_key_point", point_id="bases", reason="It may be three.")
    post("ended", "end_blog")
    post("reopened", "reopen_blog")
    post("last", "publish_entry", headline="Morning")
