"""Tokens of MATLAB expressions: numbers, names, strings and signs, each with whether a blank stands before it."""

from __future__ import annotations

import re
from typing import NamedTuple

from tieline.feeders.matpower.text import end_of_text, is_transpose

# the point of 2.*x belongs to the sign; d and D are exponents as in Fortran
TOKEN = re.compile(
    r"(?P<blank>[ \t\r\f\v\xa0]+)"
    r"|(?P<newline>\n)"
    r"|(?P<number>(\d+(\.(?![*/^'])\d*)?|\.\d+)([eEdD][+-]?\d+)?)|(?P<name>[A-Za-z]\w*)"
    r"|(?P<sign>\.\*|\./|\.\^|\.'|==|~=|!=|<=|>=|&&|\|\||[-+*/^()\[\]{}:,;=<>~!&|.'\"@\\])"
)


class Token(NamedTuple):
    """`kind` is number, name, string, sign, newline or end; `spaced` if a blank stands before it."""

    kind: str
    text: str
    spaced: bool


END = Token("end", "the end", False)


def tokenise(text: str) -> list[Token]:
    """Tokens of a statement, with `END` behind them; raises `ValueError` at a character that has no meaning."""
    tokens = []
    at = 0
    spaced = False
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"{text[at]!a} has no meaning here")
        kind = str(match.lastgroup)
        if kind not in ("blank", "newline", "number", "name"):
            kind = "sign"
        if match.group() in ("'", '"') and not is_transpose(text, at):
            end = end_of_text(text, at)
            if end < 0:
                raise ValueError("a string is not closed")
            tokens.append(Token("string", _text(text, at, end), spaced))
            at = end + 1
            spaced = False
            continue
        at = match.end()
        # MATLAB knows no 2x for 2*x
        if kind == "number" and text[at : at + 1].isalnum():
            raise ValueError(
                f"cannot read the number '{match.group()}{text[at : at + 10]}'"
            )
        if kind != "blank":
            tokens.append(Token(kind, match.group(), spaced))
        spaced = kind == "blank"
    return [*tokens, END]


def _text(text: str, begin: int, end: int) -> str:
    """What stands between two quotes."""
    quote = text[begin]
    return text[begin + 1 : end].replace(quote * 2, quote)
