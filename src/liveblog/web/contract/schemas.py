"""Schemas of the types that are taken and sent: nothing is written here that a type says itself.

What is sent holds every field, and may hold further ones and further words some day: clients must take them. What is
taken may leave out what has a default, and holds nothing unknown. So a part that goes both ways has two schemas.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from inspect import getdoc
from typing import Any

import msgspec
from msgspec import Struct, inspect, structs

from liveblog.domain import text

Schema = dict[str, Any]

REF = "#/components/schemas/{name}"
OPEN = frozenset({"event_type", "kind", "status", "state", "code"})
"""Fields whose words may become more without a new version of the protocol."""
_TAKEN = "Input"
_FIELD = re.compile(r"^ {4}(\w+): (.+(?:\n {8}.+)*)", re.MULTILINE)


def sent(kinds: Iterable[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    """Schemas of what the server sends.

    Returns:
        The schema of each type, and the components that they refer to.

    """
    schemas, components = _schemas(kinds)
    for schema in components.values():
        schema.pop("additionalProperties", None)
        properties: dict[str, Schema] = schema.get("properties", {})
        always = set(schema.get("required", ()))
        for name, field in properties.items():
            if "default" in field:
                always.add(name)
                del field["default"]
            if name in OPEN and len(words := field.get("enum", ())) > 1:
                field.pop("enum")
                field |= {"type": "string", "x-extensible-enum": words}
        if properties:
            schema["required"] = [name for name in properties if name in always]
    return schemas, components


def taken(kinds: Sequence[Any], beside: Iterable[str]) -> tuple[list[Schema], dict[str, Schema]]:
    """Schemas of what the server takes.

    Args:
        kinds: The types.
        beside: Names of components that are there already: ours of these names get others.

    Returns:
        The schema of each type, and the components that they refer to.

    """
    schemas, components = _schemas(kinds)
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, Struct):
            # Only where there is a choice does a tag have to say which.
            schema, tag = components[kind.__name__], kind.__struct_config__.tag_field
            schema["required"] = [name for name in schema["required"] if name != tag]
    others = {REF.format(name=name): REF.format(name=name + _TAKEN) for name in components.keys() & set(beside)}
    names = {name: name + _TAKEN if REF.format(name=name) in others else name for name in components}
    renamed = {names[name]: schema | {"title": names[name]} for name, schema in components.items()}
    return [_refer(schema, others) for schema in schemas], _refer(renamed, others)


def schema_of(kind: Any) -> Schema:
    """The schema of a type that refers to none."""
    return _portable(msgspec.json.schema(kind))  # type: ignore[no-any-return]  # an object in, an object out


def _schemas(kinds: Iterable[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    given = list(kinds)
    schemas, components = msgspec.json.schema_components(given, ref_template=REF)
    for kind in _structs(inspect.multi_type_info(given)):
        _describe(components[kind.__name__], kind)
    return [_portable(schema) for schema in schemas], _portable(components)


def _structs(infos: Iterable[inspect.Type]) -> Iterator[type[Struct]]:
    """Every struct in some types, each once."""
    seen: set[type[Struct]] = set()
    waiting = list(infos)
    while waiting:
        match waiting.pop():
            case inspect.StructType(cls=kind, fields=fields):
                if kind not in seen:
                    seen.add(kind)
                    waiting += [field.type for field in fields]
            case inspect.Metadata(type=inner):
                waiting.append(inner)
            case inspect.UnionType(types=types):
                waiting += types
            case inspect.VarTupleType(item_type=item):
                waiting.append(item)
            case inspect.DictType(value_type=value):
                waiting.append(value)
    yield from seen


def _describe(schema: Schema, kind: type[Struct]) -> None:
    """Take the texts from the docstrings: a type's from before its `Args:`, a field's from there."""
    about = (getdoc(kind) or "").partition("\nArgs:")[0].strip()
    schema["description"] = re.sub(r"(?<=\S)\n(?=\S)", " ", about)
    spelled = {field.name: field.encode_name for field in structs.fields(kind)}
    for base in reversed(kind.__mro__):
        for name, words in _FIELD.findall(getdoc(base) or "" if "__doc__" in vars(base) else ""):
            if name in spelled:
                field = schema["properties"][spelled[name]]
                form = field.get("description", "")
                field["description"] = re.sub(r"\s+", " ", words) + (f" {form[0].upper()}{form[1:]}." if form else "")
    schema |= getattr(kind, "beyond_its_fields", {})


def _portable(value: Any) -> Any:
    """Write patterns as ECMA-262 does, for whose engines JSON Schema's are.

    Surrogates are left out: no UTF-8 carries one alone, and an engine that counts in halves would refuse every emoji.
    That a text is not blank is said without looking ahead, which programs that make up values do badly.
    """
    match value:
        case {"pattern": text.SAID}:
            return _portable(value | {"pattern": text.CLEAN}) | {"not": {"pattern": r"^\s*$"}}
        case {"pattern": str(pattern)}:
            pattern = pattern.replace(r"\A", "^").replace(r"\Z", "$").replace(r"\ud800-\udfff", "")
            return {name: _portable(each) for name, each in value.items()} | {"pattern": pattern}
        case dict():
            return {name: _portable(each) for name, each in value.items()}
        case list():
            return [_portable(each) for each in value]
        case _:
            return value


def _refer(value: Any, others: dict[str, str]) -> Any:
    match value:
        case dict():
            return {name: _refer(each, others) for name, each in value.items()}
        case list():
            return [_refer(each, others) for each in value]
        case str():
            return others.get(value, value)
        case _:
            return value
