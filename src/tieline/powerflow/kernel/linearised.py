"""The matrix of each lane at its own voltages: no row is shared then, and each is factorised anew."""

from __future__ import annotations

from tieline.powerflow.kernel.compiled import leaf, maker
from tieline.powerflow.kernel.device_currents import slopes
from tieline.powerflow.kernel.factors import eliminate_own
from tieline.powerflow.kernel.iteration import fill_own_rows
from tieline.powerflow.kernel.lanes import load, spread, store
from tieline.powerflow.kernel.system import Matrix, System
from tieline.powerflow.kernel.workspace import make_workspace


@maker
def with_own_rows(system):
    """The same system with every row an own one, and a workspace for it."""
    matrix = system.matrix
    pattern = system.pattern
    own_matrix = Matrix(
        matrix.plain,
        matrix.slope,
        matrix.factors,
        pattern.row_start[:-1].copy(),
        0,
        len(pattern.column),
    )
    own_system = System(
        own_matrix, pattern, system.ports, system.variable, system.scenarios
    )
    return own_system, make_workspace(own_system, len(system.ports.kind))


@leaf
def linearise(system, work):
    """Slopes of all ports at the voltages of each lane, and the factors of its matrix with them."""
    slopes(system.ports, work, work.own_slope)
    fill_own_rows(system.matrix.plain, system, work)
    _add_slopes(system.ports, work)
    eliminate_own(system.matrix, system.pattern, work)


@leaf
def _add_slopes(ports, work):
    """Add the slope of every port to the matrix of each lane."""
    own_rows = work.own_rows
    own_slope = work.own_slope
    for t in range(len(ports.kind)):
        for k in range(4):
            position = ports.into[t, k]
            if position < 0:
                continue
            # The current comes out at minus as it goes in at plus, and falls with the voltage at minus.
            sign = spread(1.0 if k == 0 or k == 3 else -1.0)
            for c in range(4):
                row = 4 * position + c
                store(
                    own_rows,
                    row,
                    load(own_rows, row) + sign * load(own_slope, 4 * t + c),
                )
