"""Numbers of a MATPOWER case on which its power flow depends: all are finite, and buses have whole numbers of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from tieline.feeders.findings import Finding
from tieline.feeders.matpower.columns import COLUMNS
from tieline.feeders.matpower.script import Case

NEEDED = {
    "bus": ["BUS_I", "BUS_TYPE", "PD", "QD", "GS", "BS", "VM", "VA", "BASE_KV"],
    "gen": ["GEN_BUS", "PG", "QG", "VG", "GEN_STATUS"],
    "branch": ["F_BUS", "T_BUS", "BR_R", "BR_X", "BR_B", "TAP", "SHIFT", "BR_STATUS"],
}
"""Columns that must hold numbers; ratings and limits may be missing."""

BUS_COLUMNS = (
    ("bus", "BUS_I"),
    ("gen", "GEN_BUS"),
    ("branch", "F_BUS"),
    ("branch", "T_BUS"),
)
BUS_TYPES = (1, 2, 3, 4)


def find_bad_numbers(case: Case) -> list[Finding]:
    """Every cell that is no finite number, and every bus number or type that is none."""
    findings = [finding for matrix in NEEDED for finding in _not_finite(case, matrix)]
    # a bus number that is NaN is one fault, not two
    if findings:
        return findings
    return [*_bad_bus_numbers(case), *_repeated_buses(case), *_bad_types(case)]


def _not_finite(case: Case, matrix: str) -> Iterator[Finding]:
    columns = [COLUMNS[matrix].index(name) for name in NEEDED[matrix]]
    for k, row in enumerate(case.matrices[matrix][:, columns], start=1):
        wrong = [
            name
            for name, value in zip(NEEDED[matrix], row, strict=True)
            if not np.isfinite(value)
        ]
        if wrong:
            yield _error(
                "NUMBER",
                f"{matrix} {k}",
                f"{', '.join(wrong)} is no finite number.",
                "Correct the cell.",
            )


def _bad_bus_numbers(case: Case) -> Iterator[Finding]:
    for matrix, column in BUS_COLUMNS:
        for k, number in enumerate(case.column(matrix, column), start=1):
            if number < 1 or not float(number).is_integer():
                message = f"{column} is {number:g}, but buses are numbered 1, 2, ..."
                yield _error(
                    "BUS_NUMBER",
                    f"{matrix} {k}",
                    message,
                    "Give a whole number above 0.",
                )


def _repeated_buses(case: Case) -> Iterator[Finding]:
    for number, count in Counter(case.column("bus", "BUS_I").tolist()).items():
        if count > 1:
            yield _error(
                "BUS_NUMBER",
                "bus",
                f"{count} buses have the number {number:g}.",
                "Give each its own.",
            )


def _bad_types(case: Case) -> Iterator[Finding]:
    for k, kind in enumerate(case.column("bus", "BUS_TYPE"), start=1):
        if kind not in BUS_TYPES:
            message = f"BUS_TYPE is {kind:g}."
            yield _error(
                "BUS_TYPE",
                f"bus {k}",
                message,
                "Give 1 (PQ), 2 (PV), 3 (reference) or 4 (isolated).",
            )


def _error(what: str, component: str, message: str, remedy: str) -> Finding:
    return Finding(f"MATPOWER.{what}", "error", component, message, remedy)
