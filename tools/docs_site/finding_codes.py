"""Every finding code that tieline can report, read from its source: code, severity, what is said and what to do.

A finding is made by `Finding(code, severity, component, message, remedy)`, mostly within a helper that puts a prefix before the
code (`error(kind, name, what, ...)` makes KIND.WHAT). So the search goes outwards: while the code or the whole message is a
parameter of the function around a call, the calls of that function are looked at in its place.

Left out: codes made by a function that is handed over as a value. `tests/docs_site/test_finding_codes.py` holds the list against
every code that a test of the project names.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docs_site.source_texts import OR, Scope, text_of, wholly_a_parameter
from docs_site.sources import Call, Sources

FIELDS = ("code", "severity", "component", "message", "remedy")

MOST_HELPERS = 6
"""Helpers within helpers that are followed; there are four at most today."""


@dataclass(frozen=True)
class FindingKind:
    """One way to come to a code: what is said, what to do, and which module says it. `<...>` stands for what a run fills in."""

    code: str
    severity: str
    message: str
    remedy: str
    module: str
    purpose: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """What a code of this kind looks like."""
        parts = re.split(r"<[^>]*>", self.code)
        return re.compile("[A-Z0-9_]+".join(map(re.escape, parts)) + r"\Z")


def finding_kinds(sources: Sources) -> dict[str, list[FindingKind]]:
    """Every way to come to a finding, by its code, in alphabetical order."""
    by_code: dict[str, list[FindingKind]] = defaultdict(list)
    for call in sources.calls_of_class("Finding"):
        # the service's web answers have a class of that name too, without codes
        if "code" not in call.arguments(FIELDS):
            continue
        for scope, arguments in _outwards(sources, call, MOST_HELPERS):
            for kind in _kinds(scope, arguments):
                if kind not in by_code[kind.code]:
                    by_code[kind.code].append(kind)
    return dict(sorted(by_code.items()))


def _outwards(
    sources: Sources, call: Call, helpers_left: int
) -> Iterator[tuple[Scope, dict[str, ast.expr]]]:
    """The scopes in which a finding is known, beginning at the call that makes it."""
    scope = Scope(sources, call.source, call.function)
    yield from _settled(scope, call.arguments(FIELDS), helpers_left)


def _settled(
    scope: Scope, arguments: dict[str, ast.expr], helpers_left: int
) -> Iterator[tuple[Scope, dict[str, ast.expr]]]:
    function = scope.innermost
    calls: Sequence[Call] = ()
    if function is not None and helpers_left and _is_open(scope, arguments):
        calls = scope.sources.calls_of(function)
    if not calls:
        yield scope, arguments
    for call in calls:
        yield from _settled(scope.called_by(call), arguments, helpers_left - 1)


def _is_open(scope: Scope, arguments: dict[str, ast.expr]) -> bool:
    """Whether only a caller knows the code, or what is said at all."""
    asked = [arguments[name] for name in ("code", "severity") if name in arguments]
    if any(scope.parameters_in(expression) for expression in asked):
        return True
    return wholly_a_parameter(scope, arguments["message"])


def _kinds(scope: Scope, arguments: dict[str, ast.expr]) -> Iterator[FindingKind]:
    """What is found at a place: one kind for each code, where the place chooses between codes."""
    texts = {name: text_of(scope, value) for name, value in arguments.items()}
    outermost = scope.outermost_source
    prefix, _, endings = texts["code"].partition(".")
    for ending in endings.split(OR):
        yield FindingKind(
            f"{_capitals(prefix)}.{_capitals(ending)}",
            texts["severity"],
            texts["message"],
            texts.get("remedy", ""),
            outermost.module,
            outermost.purpose,
        )


def _capitals(part: str) -> str:
    """A part of a code; what only a run knows is named by its last word: <place kind> is KIND."""
    return re.sub(r"<(?:[^>]* )?([^> ]*)>", lambda match: f"<{match[1].upper()}>", part)
