"""The copy and edition of a blog that an address may name."""

from liveblog.web.parameters import Parameters
from liveblog.web.problems import Problem


class Copy:
    """The copy and edition that an address names, so that what stands there can be kept for ever.

    Args:
        given: The query, of which `epoch` and `edition` are read.

    """

    def __init__(self, given: Parameters) -> None:
        self.epoch = given.text("epoch")
        self.edition = given.text("edition")

    @property
    def is_named(self) -> bool:
        """Whether the address names both."""
        return self.epoch is not None and self.edition is not None

    def check(self, epoch: str, edition: str) -> None:
        """Compare with the copy and edition of now.

        Raises:
            Problem: If the address names another.

        """
        if self.epoch not in {None, epoch}:
            detail = "This is another copy of the blog's log: read the blog again."
            raise Problem("epoch_changed", detail, epoch=epoch, edition=edition)
        if self.edition not in {None, edition}:
            detail = "This is another edition of the blog: read the blog again."
            raise Problem("edition_changed", detail, epoch=epoch, edition=edition)
