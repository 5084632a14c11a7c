"""Which statements of a MATPOWER case file run, in order: the flow that MATLAB would take.

Branches of an `if` are decided when they are come to; a loop is refused. What MATLAB would not run is not run: what stands after
`return`, further functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tieline.feeders.findings import FeederError, Finding
from tieline.feeders.matpower.text import Statement, read_statements, unclosed_bracket
from tieline.feeders.matpower.workspace import Workspace

REMEDY = "Run it in MATLAB or Octave and save what loadcase gives with savecase."

HEADER = re.compile(
    r"function\b\s*(?:(?P<output>\w+)\s*=|\[(?P<outputs>[^\]]*)\]\s*=)?"
)

WORD = re.compile(r"\w+")

LOOPS = ("for", "while", "switch", "parfor", "try", "do", "unwind_protect")

ENDINGS = ("end", "endif", "endfunction")

FLOW_ENDS = (
    *ENDINGS,
    "endfor",
    "endwhile",
    "endswitch",
    "endparfor",
    "end_try_catch",
    "end_unwind_protect",
    "until",
)

LEADS = re.compile(r"(else|return|end|endif|endfunction)\b\s*(?=\S)")
"""A keyword behind which a statement may follow without a comma: `else x = 1`. `else if` is an `if` within the `else`."""

CANNOT_FOLLOW = (ValueError, OverflowError, MemoryError, RecursionError)
"""What the reading of a statement raises, depending on what is wrong with it."""


def executed(path: Path, workspace: Workspace) -> Iterator[Statement]:
    """The statements that MATLAB would run, in order; decides each `if` when it comes to it."""
    statements = _statements(path)
    at = 0
    is_inside = False
    open_ifs = 0
    while at < len(statements):
        line, text = statements[at]
        word = _first_word(text)
        try:
            if word == "function":
                # a further function runs only where it is called, and no call of one is followed
                if is_inside:
                    return
                is_inside = True
                workspace.output = _output(text)
            elif word == "return" or (word in ENDINGS and not open_ifs):
                return
            elif word in ENDINGS:
                open_ifs -= 1
            elif word in ("else", "elseif"):
                # reached from above, so the branch before was the one that holds
                at = _end_of_if(statements, at)
                continue
            elif word == "if":
                at = _branch_taken(statements, at, workspace)
                # where no branch holds, its end is passed at once and stays unopened
                open_ifs += _first_word(statements[at].text) not in ENDINGS
            elif word in LOOPS:
                raise ValueError(f"a '{word}' block, which is not followed")
            else:
                # a file without a header is a script, behind which functions may stand as well
                is_inside = True
                yield statements[at]
        except CANNOT_FOLLOW as error:
            raise statement_refusal(path, line, str(error)) from None
        at += 1


def _statements(path: Path) -> list[Statement]:
    """The statements of a file, keywords apart from what follows them; refuses a file with an open bracket, as MATLAB does."""
    statements = read_statements(path)
    if statements and (bracket := unclosed_bracket(statements[-1].text)):
        raise statement_refusal(
            path, statements[-1].line, f"a bracket '{bracket}' is not closed"
        )
    return [part for statement in statements for part in _with_keyword_apart(statement)]


def _with_keyword_apart(statement: Statement) -> Iterator[Statement]:
    line, text = statement
    while keyword := LEADS.match(text):
        yield Statement(line, keyword[1])
        text = text[keyword.end() :]
    yield Statement(line, text)


def _first_word(text: str) -> str:
    """The word that a statement begins with; nothing if it is a variable that is assigned."""
    match = WORD.match(text)
    return match.group() if match else ""


def _output(header: str) -> str:
    """Name of what the function returns."""
    match = HEADER.match(header)
    if (
        match
        and match["outputs"] is not None
        and len(match["outputs"].replace(",", " ").split()) > 1
    ):
        raise ValueError(
            "the function returns several matrices, as cases of version 1 do"
        )
    return (match and (match["output"] or (match["outputs"] or "").strip())) or "mpc"


def _branch_taken(statements: list[Statement], at: int, workspace: Workspace) -> int:
    """Where to go on: at the statement behind which the branch of an `if` stands that holds, or at its end."""
    while True:
        word, condition = _condition(statements[at].text)
        if word == "else" or (
            word in ("if", "elseif") and _holds(workspace, condition)
        ):
            return at
        at = _next_branch(statements, at)
        if _first_word(statements[at].text) in ENDINGS:
            return at


def _condition(text: str) -> tuple[str, str]:
    word = _first_word(text)
    return word, text[len(word) :].strip()


def _holds(workspace: Workspace, condition: str) -> bool:
    try:
        value = workspace.parser(condition).value()
        # as in MATLAB: true if no element is zero, and a matrix without elements is false
        return bool(np.size(value)) and bool(np.all(np.asarray(value) != 0))
    except ValueError as error:
        raise ValueError(f"cannot decide 'if {condition[:60]}': {error}") from None


def _next_branch(statements: list[Statement], at: int) -> int:
    """The next `elseif`, `else` or end of the same `if`."""
    depth = 0
    for k in range(at + 1, len(statements)):
        word = _first_word(statements[k].text)
        if depth == 0 and word in ("elseif", "else", *ENDINGS):
            return k
        depth += (word in ("if", *LOOPS)) - (word in FLOW_ENDS)
    raise ValueError("an 'if' without its end")


def _end_of_if(statements: list[Statement], at: int) -> int:
    while _first_word(statements[at].text) not in ENDINGS:
        at = _next_branch(statements, at)
    return at


def statement_refusal(path: Path, line: int, reason: str) -> FeederError:
    """What is raised where a statement cannot be followed: file, line and why."""
    finding = Finding(
        "MATPOWER.STATEMENT", "error", f"{path.name} line {line}", f"{reason}.", REMEDY
    )
    return FeederError(path.stem, [finding])
