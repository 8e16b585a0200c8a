"""Options that must be of one of the domain's types: what is not is wrong usage."""

from collections.abc import Callable
from typing import Any

import click
import msgspec


def checked(kind: Any) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """A callback for an option; an option that was not given is left alone."""

    def check(context: click.Context, option: click.Parameter, value: Any) -> Any:
        if value is None or value == ():
            return value
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError:
            raise click.BadParameter(f"{value!r} cannot be one", context, option) from None

    return check
