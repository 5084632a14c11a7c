"""What is wrong with the values of a configuration, in tieline's words: which field, what it may be, what was given.

Pydantic finds it; its own sentences speak of types and inputs, and name each member of a union on its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, ValidationError

from tieline.errors import unknown_name_message
from tieline.settings.unknown import about_unknown, about_value

LONGEST_VALUE = 60
"""Letters of a value that are shown."""

NAME_OF_WORDS = re.compile(r"(?<![\w-])[a-z]+(?:_[a-z0-9]+)+")
"""A name of several words, which nobody takes for a word of the sentence, as one may `limits` or `case`."""

Name = Callable[[str], str]
"""How a field of the outermost model is shown: as it is, or as the flag it was given with."""


class FieldProblem(NamedTuple):
    """What is wrong with a value: the field of the outermost model, None where it is of several, and a sentence."""

    field: str | None
    text: str


def explain(
    error: ValidationError, model: type[BaseModel], name: Name = str
) -> list[str]:
    """One sentence for every value that cannot be used; arguments as those of `explain_fields`."""
    return [problem.text for problem in explain_fields(error, model, name)]


def explain_fields(
    error: ValidationError, model: type[BaseModel], name: Name = str
) -> list[FieldProblem]:
    """One problem for every value that cannot be used.

    Args:
        error: what pydantic found.
        model: the model that refused the values.
        name: gives a field of `model` the name under which the user knows it.
    """
    # a union reports a problem for each member: those of one field become one sentence
    by_path: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for problem in error.errors():
        path = _field_path(problem, model)
        by_path.setdefault(path, []).append(problem)
    problems = []
    for path, group in by_path.items():
        field = str(path[0]) if path else None
        problems.append(FieldProblem(field, _sentence(path, group, model, name)))
    return problems


def _field_path(problem: Mapping[str, Any], model: type[BaseModel]) -> tuple[Any, ...]:
    """Where a problem is, without the member of a union that pydantic adds behind it."""
    location = problem["loc"]
    if problem["type"] == "extra_forbidden":
        return location
    depth = 0
    fields = model.model_fields
    for part in location:
        if not isinstance(part, int) and part not in fields:
            break
        depth += 1
        if not isinstance(part, int):
            fields = _fields_within(fields[part].annotation)
    return location[:depth]


def _fields_within(hint: Any) -> Mapping[str, Any]:
    """Fields of the model that a type hint holds, however deep; none if it holds none."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return hint.model_fields
    for part in get_args(hint):
        fields = _fields_within(part)
        if fields:
            return fields
    return {}


def _sentence(
    path: tuple[Any, ...],
    group: list[Mapping[str, Any]],
    model: type[BaseModel],
    name: Name,
) -> str:
    first = group[0]
    if first["type"] == "extra_forbidden":
        return _unknown(path, model, name)
    if first["type"] == "value_error":
        # A check of the whole model names its fields itself, one of a single field speaks of its value.
        reason = _with_names(str(first["ctx"]["error"]), model, name)
        if path:
            return f"{_place(path, name)}: {reason}"
        return reason
    if first["type"] == "missing":
        return f"{_place(path, name)} is missing."
    allowed = " or ".join(dict.fromkeys(_allowed(problem) for problem in group))
    got = about_value(str(path[0]), first["input"]) or f"got {_shown(first['input'])}"
    return f"{_place(path, name)} must be {allowed}; {got}."


def _with_names(reason: str, model: type[BaseModel], name: Name) -> str:
    """The reason of a check, with every field that it speaks of under the name by which the user knows it."""

    def shown(match: re.Match[str]) -> str:
        word = match[0]
        return name(word) if word in model.model_fields else word

    return NAME_OF_WORDS.sub(shown, reason)


def _place(path: tuple[Any, ...], name: Name) -> str:
    if not path:
        return "the configuration"
    first, *within = path
    parts = [
        f"entry {part + 1}" if isinstance(part, int) else str(part) for part in within
    ]
    return ", ".join([name(str(first)), *parts])


def as_flag(field: str) -> str:
    """A field as the command line has it."""
    return f"--{field.replace('_', '-')}"


def as_setting(field: str) -> str:
    """A field as a file of settings has it."""
    return f"'{field}'"


def _unknown(path: tuple[Any, ...], model: type[BaseModel], name: Name) -> str:
    """A field that does not exist, with the nearest that does."""
    *outer, field = path
    said = None
    if not outer:
        is_flag = name(str(field)) != str(field)
        said = about_unknown(str(field), model, as_flag if is_flag else as_setting)
    if said is not None:
        return said
    fields: Mapping[str, Any] = model.model_fields
    for part in outer:
        if not isinstance(part, int):
            fields = _fields_within(fields[part].annotation)
    where = f"in {_place(tuple(outer), str)}" if outer else ""
    return unknown_name_message("setting", str(field), fields, where)


WORDS = {
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number of a usual size",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "text",
    "string_unicode": "text in Unicode",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a table of settings",
    "model_type": "a table of settings",
    "model_attributes_type": "a table of settings",
}
BOUNDS = {
    "greater_than": ("above {gt}", "gt"),
    "greater_than_equal": ("at least {ge}", "ge"),
    "less_than": ("below {lt}", "lt"),
    "less_than_equal": ("at most {le}", "le"),
}


def _allowed(problem: Mapping[str, Any]) -> str:
    """What a field may be, to complete "must be ..."."""
    kind = problem["type"]
    context = problem.get("ctx", {})
    if kind in WORDS:
        return WORDS[kind]
    if kind in BOUNDS:
        text, key = BOUNDS[kind]
        return text.format(**{key: _bound(context[key])})
    if kind == "literal_error":
        return context["expected"]
    if kind.startswith("date"):
        return "a date like 2025-06-21"
    if kind == "string_pattern_mismatch":
        return f"text that fits the pattern {context['pattern']}"
    if kind == "too_short":
        return f"a list of at least {context['min_length']} entries"
    if kind == "too_long":
        return f"a list of at most {context['max_length']} entries"
    return f"something else ({kind.replace('_', ' ')})"


def _bound(value: Any) -> str:
    if isinstance(value, int | float) and abs(value) < 1e5:
        return f"{value:g}"
    return str(value)  # ":g" keeps six digits, and the bound of a seed has more


def _shown(value: Any) -> str:
    text = value.isoformat() if isinstance(value, date) else repr(value)
    if len(text) <= LONGEST_VALUE:
        return text
    return f"{text[:LONGEST_VALUE]}... ({len(text)} letters)"
