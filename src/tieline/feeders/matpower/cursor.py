"""`Cursor`: a place in the tokens of an expression, and what can be said of the tokens that follow without any value.

Blanks have a meaning in a matrix and none in brackets within it: the cursor knows which of the two it stands in.
"""

from __future__ import annotations

from tieline.feeders.matpower.tokens import END, Token, tokenise

PARTING = (",", ";", "\n", "]")
"""What ends an element of a matrix beside a blank."""


class Cursor:
    """Goes through the tokens of a text.

    Attributes:
        tokens: all of the text; the last one is `END`.
        at: which is the next.
        in_matrix: whether it stands in square brackets, where a blank parts elements.
    """

    def __init__(self, text: str):
        self.tokens = tokenise(text)
        self.at = 0
        self.in_matrix = False

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.at]

    def take(self, *texts: str) -> str:
        """The next sign if it is one of these, which is then passed; else nothing."""
        token = self.token
        if token.kind in ("sign", "newline") and token.text in texts:
            self.at += 1
            return token.text
        return ""

    def need(self, text: str) -> None:
        """Pass a sign that must follow."""
        if not self.take(text):
            raise ValueError(f"expected '{text}', not {shown(self.token)}")

    def binary(self, *signs: str) -> str:
        """The next sign if it joins two operands; in a matrix "1 -2" is two elements."""
        if self.in_matrix and self._begins_element():
            return ""
        return self.take(*signs)

    def _begins_element(self) -> bool:
        """Whether the next token is a sign behind a blank and close to what follows."""
        token = self.token
        last = len(self.tokens) - 1
        follower = self.tokens[min(self.at + 1, last)]
        return token.text in ("+", "-") and token.spaced and not follower.spaced

    def continues_range(self) -> bool:
        """Whether a colon follows that joins numbers; one before a bracket's end stands for all places."""
        token = self.token
        is_colon = token.text == ":" and token.kind == "sign"
        return is_colon and self.tokens[self.at + 1].text != ")"

    def need_end_of_element(self) -> None:
        """Refuse what stands close behind an element of a matrix."""
        token = self.token
        is_parted = token is END or token.spaced or token.text in PARTING
        if not is_parted:
            raise ValueError(f"a blank or comma is missing before {shown(token)}")

    def name(self) -> str:
        """A name with its fields, joined by points."""
        parts = [self.token.text]
        self.at += 1
        while self.token.text == "." and not self.token.spaced:
            field = self.tokens[self.at + 1]
            if field.kind != "name":
                break
            parts.append(field.text)
            self.at += 2
        return ".".join(parts)

    def has_comma(self) -> bool:
        """Whether a comma parts what stands in these brackets."""
        depth = 0
        for token in self.tokens[self.at :]:
            if token.kind == "sign":
                depth += (token.text in "([{") - (token.text in ")]}")
            if depth < 0 or token is END:
                return False
            if depth == 0 and token.text == ",":
                return True
        return False


def shown(token: Token) -> str:
    """A token as messages name it."""
    if token.text == "\n":
        return "the end of the line"
    if token is END:
        return "the end"
    return f"'{token.text[:30]}'"
