"""What may change in a published event: optional fields may be added, and texts about fields. Nothing else.

The rule is strict both ways on purpose. A narrower field breaks new readers of old records, which stay on the topics
for ever; a wider one (a new enumeration value, a nullable field) breaks the old readers of our subscribers.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_ABOUT = frozenset({"title", "description", "examples", "$schema", "$defs"})


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """Sentences about every change that a reader or a record of ``old`` would not survive; empty when additive."""
    found: list[str] = []
    _compare("event", old, new, (old, new), found, set())
    return found


def _compare(
    place: str,
    old: Any,
    new: Any,
    roots: tuple[Schema, Schema],
    found: list[str],
    under_way: set[tuple[str, str]],
) -> None:
    names = (_ref(old), _ref(new))
    if all(names):
        if names in under_way:  # a type that contains itself
            return
        under_way = under_way | {names}
    old, new = _resolve(old, roots[0]), _resolve(new, roots[1])
    if not (isinstance(old, dict) and isinstance(new, dict)):
        if old != new:
            found.append(f"{place} was {old!r} and is {new!r}")
        return
    _compare_fields(place, old, new, roots, found, under_way)
    for rule in sorted((old.keys() | new.keys()) - _ABOUT - {"properties", "required", "$ref"}):
        inner = f"{place}.{rule}"
        before, after = old.get(rule), new.get(rule)
        if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
            for index, (left, right) in enumerate(zip(before, after, strict=True)):
                _compare(f"{inner}[{index}]", left, right, roots, found, under_way)
        else:
            _compare(inner, before, after, roots, found, under_way)


def _compare_fields(
    place: str,
    old: Schema,
    new: Schema,
    roots: tuple[Schema, Schema],
    found: list[str],
    under_way: set[tuple[str, str]],
) -> None:
    before, after = old.get("properties", {}), new.get("properties", {})
    required = (set(old.get("required", [])), set(new.get("required", [])))
    for name, schema in before.items():
        field = f"{place}.{name}"
        if name not in after:
            found.append(f"{field} was removed")
            continue
        if name in required[1] - required[0]:
            found.append(f"{field} was optional and is required")
        if name in required[0] - required[1]:
            found.append(f"{field} was required and is optional")
        _compare(field, schema, after[name], roots, found, under_way)
    found += [
        f"{place}.{name} is new and required"
        for name in sorted(after.keys() - before.keys())
        if name in required[1]
    ]


def _ref(schema: Any) -> str:
    return str(schema.get("$ref", "")) if isinstance(schema, dict) else ""


def _resolve(schema: Any, root: Schema) -> Any:
    name = _ref(schema)
    if not name:
        return schema
    target: Any = root
    for part in name.removeprefix("#/").split("/"):
        target = target[part.replace("~1", "/").replace("~0", "~")]
    beside = {key: value for key, value in schema.items() if key != "$ref"}
    return {**target, **beside}
