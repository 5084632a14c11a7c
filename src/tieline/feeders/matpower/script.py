"""The matrices of a MATPOWER case file, after the statements at its end.

Distribution cases keep ohm and kW in their matrices and convert them in MATLAB code below; a reader that takes only the
matrices is wrong by orders of magnitude. So a file is run as MATLAB would run it: `flow` says which statements, `statement` what
each does to the variables in `workspace`. What cannot be followed is refused by line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tieline.feeders.findings import FeederError, Finding
from tieline.feeders.matpower.columns import COLUMNS, LEAST_WIDTH
from tieline.feeders.matpower.flow import CANNOT_FOLLOW, executed, statement_refusal
from tieline.feeders.matpower.statement import run_statement
from tieline.feeders.matpower.values import Value
from tieline.feeders.matpower.workspace import Workspace
from tieline.typing import FloatArray


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


def run_script(path: Path) -> Case:
    """Run a case file; raises `FeederError` naming file and line, `InputError` if it cannot be opened."""
    workspace = Workspace()
    for line, text in executed(path, workspace):
        try:
            run_statement(workspace, line, text)
        except CANNOT_FOLLOW as error:
            raise statement_refusal(path, line, str(error)) from None
    return _case(path, workspace)


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
