"""A run: neighbouring messages that go to many readers at once, in forms that are made once for all of them."""

from collections.abc import Callable, Sequence

from liveblog.session.page import Item


class Run:
    """Messages from `after` + 1 on, without a gap; at least one.

    Args:
        items: The messages.

    """

    __slots__ = ("_forms", "after", "items", "last", "size")

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = tuple(items)
        self.after = items[0].position - 1
        self.last = items[-1]
        self.size = sum(len(item.payload) for item in items)
        self._forms: dict[str, bytes] = {}

    def in_form(self, name: str, form: Callable[[Item], bytes]) -> bytes:
        """All of them as the bytes that a connection carries.

        Args:
            name: Of the form, for all connections that use it.
            form: Writes one message.

        """
        if (data := self._forms.get(name)) is None:
            data = self._forms[name] = b"".join(map(form, self.items))
        return data
