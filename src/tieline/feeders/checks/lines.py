"""Lines: both ends alike, matrices of the right size, symmetric and invertible, one voltage level.

Open lines are checked too: a study may close them, and the network inverts every impedance once.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tieline.feeders.checks.common import buses_by_name, error, warning
from tieline.feeders.elements import Line, LineCode, Matrix
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding

ASYMMETRY = 1e-6
"""Largest difference across the diagonal, relative to the largest entry; engines that compute matrices leave rounding dust."""

LARGEST_CONDITION = 1e12
"""Beyond it an inverse has no digits left to trust."""

VOLTAGE_RATIO = 0.01
"""Largest relative difference of the nominal voltages at a line's ends."""


def check_line_ends(feeder: Feeder) -> Iterator[Finding]:
    """Both ends of a line have the same number of conductors, at least one."""
    for line in feeder.lines:
        if not line.from_nodes or len(line.from_nodes) != len(line.to_nodes):
            message = (
                f"line '{line.name}' has {len(line.from_nodes)} conductor(s) at one end and "
                f"{len(line.to_nodes)} at the other."
            )
            yield error(
                "line",
                line.name,
                "NODE_COUNT",
                message,
                "List the nodes of both ends in the same order.",
            )


def check_line_matrices(feeder: Feeder) -> Iterator[Finding]:
    """Impedance and capacitance matrices have a row and a column per conductor and are symmetric."""
    for line in feeder.lines:
        for name in ("r_ohm_per_km", "x_ohm_per_km", "c_nf_per_km"):
            matrix: Matrix = getattr(line.code, name)
            what = f"line '{line.name}' (code '{line.code.name}') has {name} that"
            if not _is_square(matrix, len(line.from_nodes)):
                message = (
                    f"{what} is not {len(line.from_nodes)} by {len(line.from_nodes)}."
                )
                yield error(
                    "line",
                    line.name,
                    "MATRIX_SIZE",
                    message,
                    "Give one row and column per conductor.",
                )
            elif not _is_symmetric(matrix):
                message = f"{what} is not symmetric."
                yield error(
                    "line",
                    line.name,
                    "MATRIX_ASYMMETRIC",
                    message,
                    "Correct the entries on either side of the diagonal.",
                )


def check_line_impedance(feeder: Feeder) -> Iterator[Finding]:
    """The series impedance of a line can be inverted."""
    # thousands of lines share a code, and a condition number takes a decomposition
    of_code: dict[LineCode, str] = {}
    for line in feeder.lines:
        if not _has_square_impedance(line):
            continue
        if line.code not in of_code:
            of_code[line.code] = _fault_of_impedance(line.code)
        # a length of zero makes nothing of any code
        fault = "ZERO_IMPEDANCE" if line.length_km == 0 else of_code[line.code]
        if fault:
            message = (
                f"the series impedance of line '{line.name}' "
                f"{'is zero' if fault == 'ZERO_IMPEDANCE' else 'cannot be inverted'}."
            )
            yield error(
                "line",
                line.name,
                fault,
                message,
                "Give it an impedance; for a switch 0.0001 ohm will do.",
            )


def _has_square_impedance(line: Line) -> bool:
    size = len(line.from_nodes)
    return (
        size > 0
        and _is_square(line.code.r_ohm_per_km, size)
        and _is_square(line.code.x_ohm_per_km, size)
    )


def _fault_of_impedance(code: LineCode) -> str:
    """Blank if the impedance is finite and invertible; one that is not finite is reported elsewhere."""
    z_ohm = np.array(code.r_ohm_per_km) + 1j * np.array(code.x_ohm_per_km)
    if not np.isfinite(z_ohm).all():
        return ""
    if not z_ohm.any():
        return "ZERO_IMPEDANCE"
    return "SINGULAR_IMPEDANCE" if np.linalg.cond(z_ohm) > LARGEST_CONDITION else ""


def _is_square(matrix: Matrix, size: int) -> bool:
    return len(matrix) == size and all(len(row) == size for row in matrix)


def _is_symmetric(matrix: Matrix) -> bool:
    values = np.array(matrix)
    # not `<=`: NaN, of which another check speaks, must not count as asymmetric
    return not np.abs(values - values.T).max(initial=0) > ASYMMETRY * np.abs(
        values
    ).max(initial=0)


def check_line_voltages(feeder: Feeder) -> Iterator[Finding]:
    """Both ends of a line are on one voltage level. The power flow needs no such thing: bases only scale its output."""
    buses = buses_by_name(feeder)
    for line in feeder.lines:
        if line.from_bus in buses and line.to_bus in buses:
            kv_from, kv_to = buses[line.from_bus].kv_ll, buses[line.to_bus].kv_ll
            # bases that are not above zero are reported elsewhere
            if abs(kv_from - kv_to) > VOLTAGE_RATIO * max(kv_from, kv_to) > 0:
                message = (
                    f"line '{line.name}' joins bus '{line.from_bus}' ({kv_from:g} kV) and bus '{line.to_bus}' "
                    f"({kv_to:g} kV)."
                )
                remedy = "Volts and kW are right; check kv_ll of both buses, per-unit voltages refer to it."
                yield warning("line", line.name, "VOLTAGE_MISMATCH", message, remedy)
