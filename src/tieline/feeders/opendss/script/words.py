"""Lines of a script cut as OpenDSS cuts them.

The engine's rule (`ParserDel.pas` of DSS C-API 0.14): a line is a row of parameters, `name=value` or a bare value, apart by
blanks or a comma. A parameter that begins with one of ( " ' [ { runs to the closing sign, and whatever is between is taken as it
stands. Anywhere else `!` and `//` begin a comment. A value `@x` is the value of the variable x. An empty value ends the line.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

BLANKS = re.compile(r"[ \t]*")
BARE = re.compile(r"(?:(?!//)[^,=! \t])*")
CLOSING = {"(": ")", '"': '"', "'": "'", "[": "]", "{": "}"}


DOTTED_I = "\u0130"
"""The one letter besides those of ASCII that the engine takes for another spelling of i, where Python makes two of it."""


def folded(word: str) -> str:
    """A word of the language as the engine compares it: without regard to case."""
    return word.replace(DOTTED_I, "i").lower()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `name` is empty for a bare value.

    In the line it begins at `begin`; its value, with its quotes, stands from `start` to `end`.
    """

    name: str
    value: str
    begin: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int
    delimiter: str
    next: int


def split_line(line: str) -> list[Parameter]:
    """Parameters of a line up to its comment or to its first empty value."""
    return list(walk_line(line))


def walk_line(line: str) -> Iterator[Parameter]:
    """Parameters of a line, one after the other: of a long array only the first may matter."""
    # a blank behind the last word gives every word a sign at which it ends
    padded = line + " "
    at = _skip_blanks(padded, 0)
    while at < len(padded):
        name = ""
        token = _token(padded, at, " ")
        if token.delimiter == "=":
            name = token.text
            token = _token(padded, token.next, "=")
        if not token.text:
            return
        yield Parameter(name, token.text, at, token.start, token.end)
        at = token.next


def _token(padded: str, at: int, delimiter: str) -> _Token:
    """The word at a place; `delimiter` is the sign before it, which stands if none follows."""
    if at >= len(padded):
        return _Token("", at, at, delimiter, at)
    closing = CLOSING.get(padded[at])
    if closing is None:
        text, end = _bare(padded, at)
        delimiter = padded[end]
    else:
        text, end = _quoted(padded, at, closing)
    if closing is None and delimiter in "!/":
        # only a comment stops a bare word at a slash
        return _Token(text, at, end, "!", len(padded))
    following = _skip_blanks(padded, end) if delimiter in " \t" else end
    if following < len(padded) and padded[following] in ",=":
        return _Token(
            text, at, end, padded[following], _skip_blanks(padded, following + 1)
        )
    return _Token(text, at, end, delimiter, _skip_blanks(padded, following))


def _bare(padded: str, at: int) -> tuple[str, int]:
    match = BARE.match(padded, at)
    assert match is not None  # the pattern also matches nothing
    return match[0], match.end()


def _quoted(padded: str, at: int, closing: str) -> tuple[str, int]:
    end = padded.find(closing, at + 1)
    if end < 0:
        # without a closing sign the engine takes all that is left
        return padded[at + 1 : -1], len(padded) - 1
    return padded[at + 1 : end], end + 1


def _skip_blanks(padded: str, at: int) -> int:
    match = BLANKS.match(padded, at)
    assert match is not None
    return match.end()


@dataclass
class Variables:
    """What `var @x=...` has set so far."""

    _values: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, value: str) -> None:
        """Set a variable; names are case-insensitive. The engine takes off the braces of a value without a variable in it."""
        is_braced = value.startswith("{") and "@" not in value
        self._values[folded(name)] = value[1:-1] if is_braced else value

    def replaced(self, parameter: Parameter) -> Parameter:
        """The parameter as the engine sees it: a value that begins with a variable gets its text."""
        if not parameter.value.startswith("@"):
            return parameter
        name, tail = _variable_and_rest(parameter.value)
        value = self._values.get(folded(name))
        if value is None:
            return parameter
        return dataclasses.replace(parameter, value=value + tail)


def _variable_and_rest(value: str) -> tuple[str, str]:
    """`@x.1.2` is the variable `@x` and `.1.2`; a caret cuts before a dot does."""
    at = value.find("^")
    if at < 0:
        at = value.find(".")
    return (value, "") if at < 0 else (value[:at], value[at:])
