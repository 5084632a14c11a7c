"""The matrices of a MATPOWER case file, after the statements at its end.

Distribution cases keep ohm and kW in their matrices and convert them in MATLAB code below; a reader that takes only the
matrices is wrong by orders of magnitude. This runs what MATLAB would run of a file: assignments of numbers and matrices, whole or
by index, and the branches of an `if` that can be decided. What MATLAB would not run is not run: comments, what stands after
`return`, further functions. What cannot be followed is refused by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tieline.feeders.findings import FeederError, Finding
from tieline.feeders.matpower.columns import (
    COLUMNS,
    LEAST_WIDTH,
    NAMED_COLUMNS,
    OUTPUTS,
)
from tieline.feeders.matpower.expression import Parser
from tieline.feeders.matpower.text import Statement, read_statements, unclosed_bracket
from tieline.feeders.matpower.values import (
    FaultError,
    SizeError,
    Value,
    check_size,
    stacked,
)
from tieline.typing import FloatArray

REMEDY = "Run it in MATLAB or Octave and save what loadcase gives with savecase."

HEADER = re.compile(
    r"function\b\s*(?:(?P<output>\w+)\s*=|\[(?P<outputs>[^\]]*)\]\s*=)?"
)
WORD = re.compile(r"\w+")
TARGET = re.compile(r"(?P<name>[A-Za-z]\w*(?:\.[A-Za-z]\w*)*)\s*(?P<index>\()?")
MULTIPLE = re.compile(r"\[(?P<names>[\w\s,~]*)\]\s*=\s*(?P<function>\w+)\s*(\(\s*\))?$")
NUMBERS_ONLY = re.compile(r"\[([\d\s.,;eE+-]*)\]")

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
HARMLESS = (
    "define_constants",
    "clc",
    "format",
    "more",
    "disp",
    "fprintf",
    "printf",
    "warning",
    "close",
    "display",
)
"""Commands that leave the variables as they are."""

CASE_FIELDS = ("bus", "gen", "branch", "baseMVA", "gencost")
"""What a case is read from; these must be understood where they are assigned."""

LEADS = re.compile(r"(else|return|end|endif|endfunction)\b\s*(?=\S)")
"""A keyword behind which a statement may follow without a comma: `else x = 1`. `else if` is an `if` within the `else`."""

RUNS_TEXT = re.compile(r"\b(eval|evalc|evalin|assignin)\b")
"""Functions that may change any variable, wherever they stand."""

MOST_NUMBERS = 100_000_000
"""Numbers that all statements of a file make together. A case of 100,000 buses with thirty conversions makes half of that."""

CANNOT_FOLLOW = (ValueError, OverflowError, MemoryError, RecursionError)
"""What the reading of a statement raises, depending on what is wrong with it."""


@dataclass(frozen=True)
class Unread:
    """What a variable holds that was assigned something that cannot be followed; said only if it is used."""

    line: int
    reason: str


@dataclass
class Case:
    """Matrices by name, each (row, column of `COLUMNS`), `gencost` as it stands, and the base power [MVA]."""

    path: Path
    matrices: dict[str, FloatArray] = field(default_factory=dict)
    base_mva: float = 0.0
    gencost: FloatArray | None = None

    def column(self, matrix: str, name: str) -> FloatArray:
        """One column of a matrix, for example `column("bus", "PD")`."""
        return self.matrices[matrix][:, COLUMNS[matrix].index(name)]

    def columns(self, matrix: str, *names: str) -> list[list[float]]:
        """Several columns, to be walked together."""
        return [self.column(matrix, name).tolist() for name in names]


@dataclass
class Workspace:
    """The variables of a running file; `output` is the name of the case."""

    output: str = "mpc"
    variables: dict[str, Any] = field(default_factory=dict)
    numbers_made: int = 0

    def read(self, name: str) -> Value:
        """A variable's value; raises `KeyError` if there is none, `ValueError` if it could not be followed."""
        if name == "nargin":  # a case is loaded without arguments
            return 0.0
        value = self.variables[name]
        if isinstance(value, Unread):
            raise ValueError(
                f"'{name}' of line {value.line} cannot be followed: {value.reason}"
            )
        return value

    def is_case_data(self, name: str) -> bool:
        """Whether a name is the case or one of the parts it is read from."""
        return name == self.output or any(
            name == f"{self.output}.{part}" for part in CASE_FIELDS
        )

    def parser(self, text: str) -> Parser:
        """A parser of one expression."""
        return Parser(text, self.read, NAMED_COLUMNS, self.spend)

    def spend(self, value: Value) -> None:
        """Count the numbers of a matrix; raises `ValueError` if the file makes more than any case needs."""
        if isinstance(value, np.ndarray):
            self.numbers_made += value.size
        if self.numbers_made > MOST_NUMBERS:
            raise FaultError(
                f"the file makes more than {MOST_NUMBERS:,} numbers, more than any case needs"
            )


def run_script(path: Path) -> Case:
    """Run a case file; raises `FeederError` naming file and line, `InputError` if it cannot be opened."""
    workspace = Workspace()
    for line, text in _executed(path, workspace):
        try:
            _run(workspace, line, text)
        except CANNOT_FOLLOW as error:
            raise _refusal(path, line, str(error)) from None
    return _case(path, workspace)


def _refusal(path: Path, line: int, reason: str) -> FeederError:
    finding = Finding(
        "MATPOWER.STATEMENT", "error", f"{path.name} line {line}", f"{reason}.", REMEDY
    )
    return FeederError(path.stem, [finding])


def _executed(path: Path, workspace: Workspace) -> Iterator[Statement]:
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
            raise _refusal(path, line, str(error)) from None
        at += 1


def _statements(path: Path) -> list[Statement]:
    """The statements of a file, keywords apart from what follows them; refuses a file with an open bracket, as MATLAB does."""
    statements = read_statements(path)
    if statements and (bracket := unclosed_bracket(statements[-1].text)):
        raise _refusal(
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


def _run(workspace: Workspace, line: int, text: str) -> None:
    """One statement that is no control of flow."""
    if several := MULTIPLE.match(text):
        _assign_several(workspace, several["names"], several["function"], text)
        return
    target = TARGET.match(text)
    if target is None:
        raise ValueError(f"cannot follow '{_short(text)}'")
    name = target["name"]
    if name == "define_constants":
        _define_constants(workspace)
    # With an index the match ends behind its bracket, which belongs to what follows the name.
    end = target.end() - 1 if target["index"] else target.end()
    tail = text[end:].lstrip()
    if target["index"] and _is_indexed_assignment(text, end):
        _assign_elements(workspace, line, name, text[end:])
    elif not target["index"] and re.match(r"=(?!=)", tail):
        _assign(workspace, line, name, tail[1:])
    elif name.partition(".")[0] not in HARMLESS:
        _ignore_value(workspace, text)


def _define_constants(workspace: Workspace) -> None:
    """Names of columns mean columns again, whatever the file had put there."""
    for name in NAMED_COLUMNS:
        workspace.variables.pop(name, None)


def _is_indexed_assignment(text: str, at: int) -> bool:
    """Whether '=' follows the bracket that opens there."""
    depth = 0
    for k in range(at, len(text)):
        depth += (text[k] in "([{") - (text[k] in ")]}")
        if depth == 0:
            return bool(re.match(r"\s*=(?!=)", text[k + 1 :]))
    return False


def _assign_several(workspace: Workspace, names: str, function: str, text: str) -> None:
    """[A, B, ...] = idx_bus and its like."""
    if function not in OUTPUTS:
        raise ValueError(f"cannot follow '{_short(text)}'")
    # a caller may take fewer answers than there are
    for name, number in zip(
        names.replace(",", " ").split(), OUTPUTS[function].values(), strict=False
    ):
        if name != "~":
            workspace.variables[name] = number


def _assign(workspace: Workspace, line: int, name: str, expression: str) -> None:
    """A variable or a field; what cannot be followed is said at once if it is data of the case."""
    if name == workspace.output:
        if re.fullmatch(r"\s*struct\s*(\(\s*\))?\s*", expression):
            return
        raise ValueError(f"the case is made by '{_short(expression)}'")
    try:
        # tables of numbers are nearly all of a case, and need no parser
        value = _quick_matrix(expression)
        value = workspace.parser(expression).value() if value is None else value
        workspace.spend(value)
        workspace.variables[name] = value
    except ValueError as error:
        if (
            workspace.is_case_data(name)
            or isinstance(error, FaultError)
            or RUNS_TEXT.search(expression)
        ):
            raise ValueError(f"{name}: {error}") from None
        # whatever else a file keeps may stay unread until something depends on it
        workspace.variables[name] = Unread(line, str(error))


def _quick_matrix(expression: str) -> Value | None:
    """A matrix of plain numbers, which most are; None if it is anything else."""
    plain = NUMBERS_ONLY.fullmatch(expression.strip())
    if plain is None:
        return None
    rows = [row.replace(",", " ").split() for row in re.split(r"[;\n]", plain[1])]
    try:
        return stacked(
            [[np.array([[float(cell) for cell in row]])] for row in rows if row]
        )
    except (FaultError, SizeError):
        raise
    except ValueError:
        return None


def _assign_elements(workspace: Workspace, line: int, name: str, text: str) -> None:
    """Elements of a matrix that is there already."""
    try:
        # `np.array` copies: after `b = a` a change of b leaves a as it is in MATLAB
        array = np.atleast_2d(np.array(workspace.read(name), dtype=float))
        parser = workspace.parser(text)
        rows, columns = parser.index(array)
        check_size(len(rows) * len(columns))
        parser.need("=")
        values = np.atleast_2d(np.asarray(parser.value(), dtype=float))
        if values.size != 1 and values.shape != (len(rows), len(columns)):
            raise ValueError(
                f"a matrix of size {values.shape} does not fit into {(len(rows), len(columns))}"
            )
        array[np.ix_(rows, columns)] = values
        workspace.spend(values)
        workspace.variables[name] = array
    except (KeyError, ValueError) as error:
        reason = f"unknown name '{name}'" if isinstance(error, KeyError) else str(error)
        if (
            workspace.is_case_data(name)
            or isinstance(error, FaultError)
            or RUNS_TEXT.search(text)
        ):
            raise ValueError(f"{name}: {reason}") from None
        workspace.variables[name] = Unread(line, reason)


def _ignore_value(workspace: Workspace, text: str) -> None:
    """A statement that only shows a value changes nothing; any other may."""
    try:
        workspace.parser(text).value()
    except ValueError as error:
        raise ValueError(f"cannot follow '{_short(text)}' ({error})") from None


def _short(text: str) -> str:
    return "".join(
        sign if sign.isprintable() else "?" for sign in " ".join(text.split())[:80]
    )


def _case(path: Path, workspace: Workspace) -> Case:
    """What the case is read from, at full width."""
    name = workspace.output
    missing = [
        part
        for part in ("bus", "gen", "branch", "baseMVA")
        if f"{name}.{part}" not in workspace.variables
    ]
    if missing:
        parts = ", ".join(f"{name}.{part}" for part in missing)
        raise _incomplete(path, f"there is no {parts}.")
    base_mva = workspace.variables[f"{name}.baseMVA"]
    costs = workspace.variables.get(f"{name}.gencost")
    if np.size(base_mva) != 1 or not 0 < float(np.ravel(base_mva)[0]) < np.inf:
        raise _incomplete(path, f"{name}.baseMVA must be one number above 0.")
    matrices = {
        part: _at_full_width(path, name, part, workspace.variables[f"{name}.{part}"])
        for part in COLUMNS
    }
    cost_rows = None if costs is None else np.atleast_2d(np.asarray(costs, dtype=float))
    return Case(path, matrices, float(np.ravel(base_mva)[0]), cost_rows)


def _incomplete(path: Path, message: str) -> FeederError:
    return FeederError(
        path.stem,
        [
            Finding(
                "MATPOWER.MATRIX",
                "error",
                path.name,
                message,
                "Give a case file, version 2.",
            )
        ],
    )


def _at_full_width(path: Path, output: str, part: str, value: Value) -> FloatArray:
    """A matrix with the columns of `COLUMNS`; those that it does not have are 0."""
    if isinstance(value, str):
        raise _incomplete(path, f"{output}.{part} is a text, not a matrix.")
    matrix = np.atleast_2d(np.asarray(value, dtype=float))
    width = len(COLUMNS[part])
    if matrix.size == 0:
        return np.empty((0, width))
    if matrix.shape[1] < LEAST_WIDTH[part]:
        least = LEAST_WIDTH[part]
        raise _incomplete(
            path,
            f"{output}.{part} has {matrix.shape[1]} columns, too few: it needs {least}.",
        )
    # in every column that may be missing zero means no limit
    whole = np.zeros((len(matrix), width))
    count = min(width, matrix.shape[1])
    whole[:, :count] = matrix[:, :count]
    return whole
