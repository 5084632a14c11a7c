"""Lines of a feeder as lines, asymmetric lines, generic branches (between unequal rated voltages) or links of a data set."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from tieline.feeders.elements import Line
from tieline.feeders.power_grid_model.branches import LINK_PU, PHASE_LETTERS
from tieline.feeders.power_grid_model.grid import THREE
from tieline.feeders.power_grid_model.written import Written
from tieline.typing import FloatArray
from tieline.units import base_ohm

FREQUENCY_HZ = 50.0
"""At which power-grid-model turns capacitance into charging unless it is told otherwise."""


def write_lines(written: Written) -> None:
    """All lines."""
    for line in written.feeder.lines:
        if written.feeder.single_phase_equivalent:
            _write_balanced(written, line)
        elif not _joins_all_phases(line):
            message = "it does not join phases 1, 2 and 3 of its buses."
            written.refuse(f"line {line.name}", message)
        elif written.kv(line.from_bus) != written.kv(line.to_bus):
            message = "its buses have different rated voltages."
            written.refuse(f"line {line.name}", message)
        else:
            values = _phases(written, line)
            written.add("asym_line", line.name, **_ends(written, line), **values)


def _joins_all_phases(line: Line) -> bool:
    # an asymmetric line of the format has no phases left out and none that cross
    has_all = sorted(line.from_nodes) == list(THREE)
    return has_all and line.from_nodes == line.to_nodes


def _write_balanced(written: Written, line: Line) -> None:
    r_ohm, x_ohm, farad = (float(matrix[0, 0]) for matrix in _matrices(written, line))
    ends = _ends(written, line)
    kv_from = written.kv(line.from_bus)
    kv_to = written.kv(line.to_bus)
    z_pu = math.hypot(r_ohm, x_ohm) / base_ohm(kv_to)
    series = {"r1": r_ohm, "x1": x_ohm}
    if kv_from != kv_to:
        susceptance = 2 * math.pi * FREQUENCY_HZ * farad
        # the same volts at both ends are another share of their ratings
        ratio = kv_to / kv_from
        circuit = {**series, "g1": 0.0, "b1": susceptance, "k": ratio}
        written.add("generic_branch", line.name, **ends, **circuit)
    elif _is_link(line, z_pu):
        written.add("link", line.name, **ends)
    else:
        circuit = {**series, "c1": farad, "tan1": 0.0}
        written.add("line", line.name, **ends, **circuit, **_rating(line))


def _is_link(line: Line, z_pu: float) -> bool:
    """Whether a switch is as good as without impedance; power-grid-model has a component for it."""
    return line.is_switch and z_pu <= 1 / abs(LINK_PU)


def _ends(written: Written, line: Line) -> dict[str, Any]:
    return {
        "from_node": written.node(line.from_bus),
        "to_node": written.node(line.to_bus),
        "from_status": int(line.closed or line.open_end == "to"),
        "to_status": int(line.closed or line.open_end == "from"),
    }


def _rating(line: Line) -> dict[str, float]:
    rating_a = line.current_rating_a
    # what is left out is unknown to the format: the model tells no loading then
    if rating_a is None:
        return {}
    return {"i_n": rating_a}


def _phases(written: Written, line: Line) -> dict[str, float]:
    """The lower half of each matrix, phases in their order."""
    order = np.argsort(line.from_nodes)
    values = _rating(line)
    for letter, matrix in zip("rxc", _matrices(written, line), strict=True):
        in_order = matrix[np.ix_(order, order)]
        for i, first in enumerate(PHASE_LETTERS):
            # what it couples to comes up to itself: the format states each pair once
            for j, second in enumerate(PHASE_LETTERS[: i + 1]):
                value = in_order[i, j]
                values[f"{letter}_{first}{second}"] = float(value)
    return values


def _matrices(written: Written, line: Line) -> Iterator[FloatArray]:
    """Resistance, reactance [ohm] and capacitance [F] of the whole line; at 50 Hz it charges as the line does in the feeder."""
    code = line.code
    farad = 1e-9 * written.feeder.frequency_hz / FREQUENCY_HZ
    scaled = (
        (code.r_ohm_per_km, 1.0),
        (code.x_ohm_per_km, 1.0),
        (code.c_nf_per_km, farad),
    )
    for matrix, factor in scaled:
        yield np.array(matrix) * line.impedance_factor * factor
