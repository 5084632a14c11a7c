"""The matrices of a MATPOWER case file, after the statements at its end.

Distribution cases keep ohm and kW in their matrices and convert them in MATLAB code below; a reader that takes only the
matrices is wrong by orders of magnitude. This runs the statements that such files use: scalars, matrices with arithmetic in
their cells, and arithmetic on columns of a matrix. A statement that touches the data in another way is refused by line.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tieline.errors import InputError
from tieline.typing import FloatArray

COLUMNS: dict[str, list[str]] = {
    "bus": ["BUS_I", "BUS_TYPE", "PD", "QD", "GS", "BS", "BUS_AREA", "VM", "VA", "BASE_KV", "ZONE", "VMAX", "VMIN"],
    "gen": ["GEN_BUS", "PG", "QG", "QMAX", "QMIN", "VG", "MBASE", "GEN_STATUS", "PMAX", "PMIN"],
    "branch": [
        "F_BUS",
        "T_BUS",
        "BR_R",
        "BR_X",
        "BR_B",
        "RATE_A",
        "RATE_B",
        "RATE_C",
        "TAP",
        "SHIFT",
        "BR_STATUS",
        "ANGMIN",
        "ANGMAX",
    ],
}
"""Columns of the case format, version 2, that a power flow uses. Source: MATPOWER manual, appendix B."""

FUNCTIONS: dict[str, Callable[[float], float]] = {
    name: getattr(math, name) for name in ("sqrt", "sin", "cos", "tan", "acos", "asin", "atan")
}
OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}

MATRIX = re.compile(r"mpc\.(bus|gen|branch)\s*=\s*\[(.*)\]$", re.DOTALL)
SCALAR = re.compile(r"(mpc\.baseMVA|\w+)\s*=\s*([^\[\]{}']+)$")
ON_COLUMNS = re.compile(r"mpc\.(\w+)\(:,\s*(.+?)\)\s*=\s*mpc\.(\w+)\(:,\s*(.+?)\)\s*([*/])\s*(.+)$")
ELEMENT = re.compile(r"mpc\.(\w+)\((\d+),\s*(\w+)\)")
TOUCHES_DATA = re.compile(r"mpc\.(bus|gen|branch|baseMVA)\b\s*(\(.*\))?\s*=[^=]")


@dataclass
class Case:
    """Matrices by name, each (row, column of `COLUMNS`), and the scalars of the file."""

    path: Path
    matrices: dict[str, FloatArray] = field(default_factory=dict)
    scalars: dict[str, float] = field(default_factory=lambda: {"pi": math.pi})

    def column(self, matrix: str, name: str) -> FloatArray:
        """One column of a matrix, for example `column("bus", "PD")`."""
        return self.matrices[matrix][:, COLUMNS[matrix].index(name)]

    def columns(self, matrix: str, *names: str) -> list[list[float]]:
        """Several columns, to be walked together."""
        return [self.column(matrix, name).tolist() for name in names]


def run_script(path: Path) -> Case:
    """Run a case file; raises `InputError` naming file and line."""
    case = Case(path)
    for number, statement in _statements(_text(path)):
        try:
            _run(case, statement)
        except (ValueError, SyntaxError, KeyError, ZeroDivisionError, IndexError) as error:
            raise InputError(f"MATPOWER file '{path}', line {number}: {_reason(error)}") from None
    missing = [name for name in COLUMNS if name not in case.matrices] + ["baseMVA"] * ("mpc.baseMVA" not in case.scalars)
    if missing:
        raise InputError(
            f"MATPOWER file '{path}' has no {', '.join(f'mpc.{name}' for name in missing)}. Give a case file, version 2."
        )
    return case


def _reason(error: Exception) -> str:
    return f"unknown name {error}." if isinstance(error, KeyError) else f"{error}."


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        raise InputError(f"MATPOWER file '{path}' does not exist. Check the path.") from None
    except OSError as error:
        raise InputError(
            f"MATPOWER file '{path}' cannot be read ({error.strerror}). Check the path and its permissions."
        ) from None


def _statements(text: str) -> list[tuple[int, str]]:
    """Statements with the line each begins at; a matrix stays whole, its rows parted by newlines."""
    found: list[tuple[int, str]] = []
    open_statement, started, depth = "", 0, 0
    for number, raw in enumerate(text.splitlines(), start=1):
        line = re.sub(r"(%|\.\.\.).*", "", raw).strip()
        if not open_statement:
            started = number
        depth += sum(line.count(sign) for sign in "[{(") - sum(line.count(sign) for sign in "]})")
        open_statement += line + "\n"
        if depth <= 0 and not raw.split("%")[0].rstrip().endswith("..."):
            found += [(started, part.strip()) for part in _split(open_statement) if part.strip()]
            open_statement, depth = "", 0
    if open_statement.strip():
        found.append((started, open_statement.strip()))
    return found


def _split(statement: str) -> list[str]:
    """Parts of a line at semicolons outside brackets."""
    return [statement.rstrip().rstrip(";")] if "[" in statement or "{" in statement else statement.split(";")


def _run(case: Case, statement: str) -> None:
    if matrix := MATRIX.match(statement):
        case.matrices[matrix[1]] = _matrix(case, matrix[1], matrix[2])
    elif on_columns := ON_COLUMNS.match(statement):
        _operate(case, *on_columns.groups())
    elif (scalar := SCALAR.match(statement)) and not statement.startswith("function"):
        case.scalars[scalar[1]] = _number(case, scalar[2])
    elif TOUCHES_DATA.match(statement):
        raise ValueError(f"cannot follow the statement '{' '.join(statement.split())[:80]}'")


def _matrix(case: Case, name: str, body: str) -> FloatArray:
    rows = [row.replace(",", " ").split() for row in re.split(r"[;\n]", body) if row.strip()]
    width = len(COLUMNS[name])
    values = []
    for k, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise ValueError(f"row {k} of mpc.{name} has {len(row)} columns, the first has {len(rows[0])}")
        if len(row) < (10 if name == "gen" else 11):
            raise ValueError(f"row {k} of mpc.{name} has {len(row)} columns, too few")
        values.append([_number(case, cell) for cell in row[:width]] + [0.0] * (width - len(row)))
    return np.array(values, dtype=float).reshape(-1, width)


def _operate(case: Case, target: str, target_columns: str, source: str, source_columns: str, sign: str, factor: str) -> None:
    """mpc.T(:, columns) = mpc.S(:, columns) * factor, or divided by it."""
    number = _number(case, factor)
    values = case.matrices[source][:, _indices(source, source_columns)]
    case.matrices[target][:, _indices(target, target_columns)] = values * number if sign == "*" else values / number


def _indices(matrix: str, columns: str) -> list[int]:
    names = columns.strip("[]").replace(",", " ").split()
    unknown = [name for name in names if name not in COLUMNS[matrix]]
    if unknown:
        raise KeyError(unknown[0])
    return [COLUMNS[matrix].index(name) for name in names]


def _number(case: Case, text: str) -> float:
    """Value of an arithmetic expression of numbers, known scalars, functions and single matrix elements."""

    def element(match: re.Match[str]) -> str:
        return repr(float(case.matrices[match[1]][int(match[2]) - 1, COLUMNS[match[1]].index(match[3])]))

    plain = ELEMENT.sub(element, text).replace("mpc.baseMVA", repr(case.scalars.get("mpc.baseMVA"))).replace("^", "**").strip()
    if plain.lower() in ("inf", "+inf", "-inf"):
        return -math.inf if plain.startswith("-") else math.inf
    return _value(case, ast.parse(plain, mode="eval").body, text)


def _value(case: Case, node: ast.expr, text: str) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.Name):
        return case.scalars[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        value = _value(case, node.operand, text)
        return -value if isinstance(node.op, ast.USub) else value
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](_value(case, node.left, text), _value(case, node.right, text))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS and len(node.args) == 1:
        return FUNCTIONS[node.func.id](_value(case, node.args[0], text))
    raise ValueError(f"cannot read the number '{' '.join(text.split())[:60]}'")
