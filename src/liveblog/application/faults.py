"""Every fault of a refused request at once: a second look at a value that did not fit its type.

The types of the commands are the only description of what is allowed; msgspec stops at the first fault, so this walks
the same types again and goes on after each.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args
from zoneinfo import available_timezones

import msgspec
from msgspec import Meta, inspect

from liveblog.domain import instant, text
from liveblog.domain.rejection import Fault

_SHOWN = 40
"""Characters of a wrong value that its fault repeats."""


def faults(value: Any, kind: Any) -> tuple[Fault, ...]:
    """Say all that keeps a decoded JSON value from being of a type.

    Args:
        value: What `json.loads` gave.
        kind: A struct, a tagged union of structs, or a tuple of such.

    """
    return tuple(_walk(value, _info(kind), ""))


@cache
def _info(kind: Any) -> inspect.Type:
    return inspect.type_info(kind)


@cache
def _words() -> dict[str, str]:
    """What each pattern of the text types asks for, in words."""
    metas = (each for kind in vars(text).values() for each in get_args(kind) if isinstance(each, Meta))
    return {meta.pattern: meta.description or meta.pattern for meta in metas if meta.pattern}


@cache
def zones() -> frozenset[str]:
    """The names of the IANA time zone database."""
    return frozenset(available_timezones())


def _walk(value: Any, info: inspect.Type, path: str) -> Iterator[Fault]:
    match info:
        case inspect.Metadata():
            yield from _walk(value, info.type, path)
        case inspect.UnionType():
            yield from _union(value, info, path)
        case inspect.StructType() | inspect.DictType():
            yield from _object(value, info, path)
        case inspect.VarTupleType() | inspect.ListType():
            yield from _list(value, info, path)
        case inspect.StrType():
            yield from _string(value, info, path)
        case inspect.IntType():
            yield from _integer(value, info, path)
        case inspect.FloatType():
            yield from _float(value, info, path)
        case inspect.BoolType():
            yield from _choice(value, (True, False), "true or false", path)
        case inspect.LiteralType():
            yield from _choice(value, info.values, f"one of {', '.join(map(str, info.values))}", path)
        case _:
            raise AssertionError(f"no words for {info}")


def _union(value: Any, info: inspect.UnionType, path: str) -> Iterator[Fault]:
    options = [each for each in info.types if not isinstance(each, inspect.NoneType)]
    if value is None and any(isinstance(each, inspect.NoneType) for each in info.types):
        return
    if len(options) == 1:
        yield from _walk(value, options[0], path)
        return
    if not any(isinstance(each, inspect.StructType) for each in options):
        # Scalars: what fits none of them is told what would fit each.
        found = [list(_walk(value, each, path)) for each in options]
        if all(found):
            shown = f", not {_shown(value)}"
            wanted = [fault.message.removeprefix("expected ").removesuffix(shown) for each in found for fault in each]
            yield Fault(path, f"expected {', or '.join(wanted)}{shown}")
        return
    structs = {each.tag: each for each in options if isinstance(each, inspect.StructType)}
    if not isinstance(value, dict):
        yield Fault(path, f"expected an object, not {_shown(value)}")
    elif "type" not in value:
        yield Fault(_join(path, "type"), "required")
    elif not isinstance(tag := value["type"], str) or tag not in structs:
        known = ", ".join(sorted(map(str, structs)))
        yield Fault(_join(path, "type"), f"expected one of {known}, not {_shown(tag)}")
    else:
        yield from _struct(value, structs[tag], path)


def _object(value: Any, info: inspect.StructType | inspect.DictType, path: str) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(path, f"expected an object, not {_shown(value)}")
    elif isinstance(info, inspect.StructType):
        yield from _struct(value, info, path)


def _struct(value: dict[str, Any], info: inspect.StructType, path: str) -> Iterator[Fault]:
    fields = {field.encode_name: field for field in info.fields}
    found = [
        Fault(_join(path, name), "unknown field: remove it")
        for name in value
        if name not in fields and (name != info.tag_field or value[name] != info.tag)
    ]
    for name, field in fields.items():
        if name in value:
            found.extend(_walk(value[name], field.type, _join(path, name)))
        elif field.required:
            found.append(Fault(_join(path, name), "required"))
    if not found:
        try:
            msgspec.convert(value, info.cls)
        except msgspec.ValidationError as error:
            # What a struct says of itself as a whole comes as "field: message".
            name, _, words = str(error).partition(": ")
            found.append(Fault(_join(path, name), words) if words and name in fields else Fault(path, str(error)))
    yield from found


def _list(value: Any, info: inspect.VarTupleType | inspect.ListType, path: str) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault(path, f"expected a list, not {_shown(value)}")
        return
    if info.max_length is not None and len(value) > info.max_length:
        yield Fault(path, f"{len(value)} items: at most {info.max_length} fit")
        return
    for index, each in enumerate(value):
        yield from _walk(each, info.item_type, f"{path}[{index}]")


def _string(value: Any, info: inspect.StrType, path: str) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield Fault(path, f"expected a string, not {_shown(value)}")
    elif info.max_length is not None and len(value) > info.max_length:
        yield Fault(path, f"{len(value)} characters: at most {info.max_length} fit")
    elif info.pattern is not None and re.search(info.pattern, value) is None:
        yield Fault(path, f"expected {_words()[info.pattern]}")
    elif info.pattern == text.ZONE and value not in zones():
        yield Fault(path, f"the IANA time zone database has no {value}")
    elif info.pattern == text.INSTANT:
        try:
            instant.parse(value)
        except ValueError as error:
            yield Fault(path, str(error))


def _choice(value: Any, allowed: tuple[Any, ...], words: str, path: str) -> Iterator[Fault]:
    if not any(value == each and type(value) is type(each) for each in allowed):
        yield Fault(path, f"expected {words}, not {_shown(value)}")


def _integer(value: Any, info: inspect.IntType, path: str) -> Iterator[Fault]:
    if isinstance(value, bool) or not isinstance(value, int):
        yield Fault(path, f"expected a whole number, not {_shown(value)}")
    elif (info.ge is not None and value < info.ge) or (info.le is not None and value > info.le):
        yield Fault(path, f"expected {info.ge} or more" + (f", at most {info.le}" if info.le is not None else ""))


def _float(value: Any, info: inspect.FloatType, path: str) -> Iterator[Fault]:
    bounds = ((info.ge, "from {}"), (info.gt, "above {}"), (info.le, "up to {}"))
    words = " ".join(["a number", *(text.format(bound) for bound, text in bounds if bound is not None)])
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield Fault(path, f"expected {words}, not {_shown(value)}")
    elif (
        (info.ge is not None and value < info.ge)
        or (info.gt is not None and value <= info.gt)
        or (info.le is not None and value > info.le)
    ):
        yield Fault(path, f"expected {words}")


def _join(path: str, name: str) -> str:
    name = name[:80].encode("utf-8", "backslashreplace").decode()
    return f"{path}.{name}" if path else name


def _shown(value: Any) -> str:
    names = {dict: "an object", list: "a list", type(None): "null", bool: "a boolean", float: "a fraction"}
    if isinstance(value, str):
        return ascii(value if len(value) <= _SHOWN else value[:_SHOWN] + "…")
    return names.get(type(value), str(value)[:_SHOWN])
