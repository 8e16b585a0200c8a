"""The addresses of pages: where they lead, and with which moment of the blog."""

from urllib.parse import urlencode

from msgspec import Struct


class Addresses(Struct, frozen=True):
    """The addresses of a blog's pages.

    Args:
        slug: The blog.
        then: The query that names a moment in the past, such as `position=12`; empty for now.
        origin: What makes them absolute; empty for addresses within the server.

    """

    slug: str
    then: str = ""
    origin: str = ""

    def page(self, cursor: str | None = None) -> str:
        """The blog's page at that moment, from a cursor on."""
        query = "&".join(filter(None, [self.then, urlencode({"cursor": cursor}) if cursor else ""]))
        return self.now() + (f"?{query}" if query else "")

    def now(self) -> str:
        """The blog's page as it is."""
        return f"{self.origin}/{self.slug}"

    def entry(self, entry_id: str) -> str:
        """An entry's permanent address, and its place on the page there."""
        return f"{self.permanent(entry_id)}#entry-{entry_id}"

    def entry_then(self, entry_id: str) -> str:
        """The entry on its page at that moment."""
        query = f"?{self.then}" if self.then else ""
        return f"{self.permanent(entry_id)}{query}#entry-{entry_id}"

    def permanent(self, entry_id: str) -> str:
        """An entry's permanent address."""
        return f"{self.now()}/entries/{entry_id}"

    def feed(self) -> str:
        """The blog's Atom feed."""
        return f"{self.now()}/feed.atom"

    def api(self) -> str:
        """The blog's document."""
        return f"{self.origin}/v1/blogs/{self.slug}"
