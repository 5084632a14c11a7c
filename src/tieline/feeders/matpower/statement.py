"""What one statement of a MATPOWER case file does to its variables: assignments of numbers and matrices, whole or by index.

What cannot be followed is refused where it is data of the case, and may stay unread where it is anything else.
"""

from __future__ import annotations

import re

import numpy as np

from tieline.feeders.matpower.columns import NAMED_COLUMNS, OUTPUTS
from tieline.feeders.matpower.values import (
    FaultError,
    SizeError,
    Value,
    check_size,
    stacked,
)
from tieline.feeders.matpower.workspace import Unread, Workspace

TARGET = re.compile(r"(?P<name>[A-Za-z]\w*(?:\.[A-Za-z]\w*)*)\s*(?P<index>\()?")

MULTIPLE = re.compile(r"\[(?P<names>[\w\s,~]*)\]\s*=\s*(?P<function>\w+)\s*(\(\s*\))?$")

NUMBERS_ONLY = re.compile(r"\[([\d\s.,;eE+-]*)\]")

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

RUNS_TEXT = re.compile(r"\b(eval|evalc|evalin|assignin)\b")
"""Functions that may change any variable, wherever they stand."""


def run_statement(workspace: Workspace, line: int, text: str) -> None:
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
        if _may_stay_unread(workspace, name, error, expression):
            workspace.variables[name] = Unread(line, str(error))
        else:
            raise ValueError(f"{name}: {error}") from None


def _may_stay_unread(
    workspace: Workspace, name: str, error: Exception, text: str
) -> bool:
    """Whether what a file keeps beside its case may stay unread until something depends on it."""
    is_fault = isinstance(error, FaultError) or RUNS_TEXT.search(text)
    return not (workspace.is_case_data(name) or is_fault)


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
        if _may_stay_unread(workspace, name, error, text):
            workspace.variables[name] = Unread(line, reason)
        else:
            raise ValueError(f"{name}: {reason}") from None


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
