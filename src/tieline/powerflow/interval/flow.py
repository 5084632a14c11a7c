"""Interval power flow: between which bounds voltages, currents and losses lie when powers are known up to a share.

Every output (squared where it is a magnitude) is expanded around the centre to first or second order in the uncertain powers,
and the expansion is bounded over their box (`quadratic_bounds`): a Taylor inclusion. What the expansion leaves out, its
remainder of higher order, is estimated by the exact AC power flow at the two samples where the expansion has its extremes; the
bounds are widened by the larger of the two errors.

What holds:

- The values at those two samples are AC solutions: the true range is never narrower than `attained_low` to `attained_high`.
- The expansion never leaves its bounds. The remainder is an estimate, not a proof: an output could leave the bounds by a term
  of third order (second, for order 1) that is larger elsewhere than at the extremes of the expansion.
- Taps and capacitor steps are those of the centre. All holds to the tolerance of the power flow.

Source: M. Al-Saffar, PhD thesis, University of Alberta, 2.2.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import sparse

from tieline.errors import InputError
from tieline.network.network import Network
from tieline.network.voltage_points import VoltagePoints, live_voltage_points
from tieline.powerflow.interval.quadratic_bounds import highest, lowest
from tieline.powerflow.interval.quadratic_outputs import (
    QuadraticOutputs,
    SquaredMagnitudes,
    series_loss,
)
from tieline.powerflow.interval.second_order import Expansion
from tieline.powerflow.interval.uncertain import UncertainPowers, uncertain_powers
from tieline.typing import FloatArray, IntArray

Order = Literal[1, 2]

MOST_VARIABLES = 1000
"""Second derivatives are a square of variables for every output: beyond this, minutes for each thousand outputs."""

SAMPLES_AT_ONCE = 512
"""AC power flows solved together; their voltages fill memory."""


@dataclass(frozen=True, eq=False)
class Bounds:
    """Bounds of some outputs, (output,) each, in their unit; NaN where an extreme sample has no power-flow solution.

    Attributes:
        low, high: the interval.
        centre: value at the centre.
        attained_low, attained_high: range of the AC solutions at the extreme samples and the centre.
        remainder: by how much `low` and `high` were widened for what the expansion leaves out.
    """

    low: FloatArray
    high: FloatArray
    centre: FloatArray
    attained_low: FloatArray
    attained_high: FloatArray
    remainder: FloatArray

    @property
    def width(self) -> FloatArray:
        """high - low, (output,)."""
        return self.high - self.low


@dataclass(frozen=True, eq=False)
class IntervalFlow:
    """Bounds of a power flow.

    Attributes:
        uncertain: the variables and the centre.
        points: where voltages are bounded, those that are live.
        terminals: whose currents are bounded, indices into `network.terminals`.
        voltage: at the points [pu]; current: at the terminals [A]; loss: of lines and transformers, one output [kW].
    """

    uncertain: UncertainPowers
    points: VoltagePoints
    terminals: IntArray
    voltage: Bounds
    current: Bounds
    loss: Bounds


def interval_power_flow(
    network: Network,
    *,
    load_pct: float = 10.0,
    der_pct: float = 0.0,
    order: Order = 2,
    **options: Any,
) -> IntervalFlow:
    """Bound all voltages, the currents into all lines and transformers, and the loss.

    Args:
        network: feeder arrays.
        load_pct, der_pct: spread of the powers of loads and DERs, up and down [%].
        order: of the expansion; 1 for feeders with more than `MOST_VARIABLES` uncertain powers.
        options: keywords of `solve` for the centre, such as `load_scale`, without scenario axis.

    Raises:
        InputError: if a spread is not from 0 to below 100 %, or there are too many variables for the second order.
        NotConvergedError: if the centre has no answer.
    """
    uncertain = uncertain_powers(network, load_pct, der_pct, **options)
    if order == 2 and uncertain.n_variables > MOST_VARIABLES:
        raise InputError(
            f"Feeder '{network.feeder.name}' has {uncertain.n_variables} uncertain powers; the second order takes up to "
            f"{MOST_VARIABLES}. Use order 1, whose remainder is checked in the same way."
        )
    points = _live_points(uncertain)
    terminals = network.first_ends
    state = uncertain.centre.state[0]
    base_a = network.node_base_a[network.terminals.node[terminals]]
    current_a = network.terminal_admittance(state)[terminals] * base_a[:, None]
    # Squares are bounded, and roots taken last: a magnitude has no derivative where it is zero.
    of_voltage = SquaredMagnitudes(points.across(network.n_nodes))
    of_current = SquaredMagnitudes(sparse.csr_array(current_a))
    of_loss = series_loss(network, state)
    expansion = Expansion(uncertain)
    return IntervalFlow(
        uncertain,
        points,
        terminals,
        voltage=_of_magnitudes(_bound(expansion, uncertain, of_voltage, order)),
        current=_of_magnitudes(_bound(expansion, uncertain, of_current, order)),
        loss=_bound(expansion, uncertain, of_loss, order),
    )


def _bound(
    expansion: Expansion,
    uncertain: UncertainPowers,
    outputs: QuadraticOutputs,
    order: Order,
) -> Bounds:
    """Bounds of the outputs as they are (squares)."""
    gradients = expansion.gradients(outputs)
    hessians = expansion.hessians(outputs) if order == 2 else [None] * outputs.count
    low = np.empty(outputs.count)
    high = np.empty(outputs.count)
    expanded = np.empty((2, outputs.count))  # of the lowest and of the highest corner
    corners = np.empty((2, outputs.count, uncertain.n_variables))
    # One Hessian at a time: those of all outputs together would not fit into memory.
    for k, (gradient, hessian) in enumerate(zip(gradients, hessians, strict=True)):
        low[k], corners[0, k] = lowest(gradient, hessian)
        high[k], corners[1, k] = highest(gradient, hessian)
        expanded[0, k] = _value(gradient, hessian, corners[0, k])
        expanded[1, k] = _value(gradient, hessian, corners[1, k])
    centre = outputs.values(uncertain.centre.v_pu)[0]
    exact = np.stack([_exact(uncertain, outputs, corner) for corner in corners])
    # What the expansion misses where it goes furthest is taken as what it may miss anywhere.
    error = np.abs(exact - centre - expanded)
    remainder = error.max(axis=0)
    attained = np.vstack([exact, centre[None, :]])
    return Bounds(
        centre + low - remainder,
        centre + high + remainder,
        centre,
        attained.min(axis=0),
        attained.max(axis=0),
        remainder,
    )


def _value(gradient: FloatArray, hessian: FloatArray | None, x: FloatArray) -> float:
    """The expansion at a point, less its value at the centre."""
    linear = float(gradient @ x)
    if hessian is None:
        return linear
    return linear + float(x @ hessian @ x) / 2


def _exact(
    uncertain: UncertainPowers, outputs: QuadraticOutputs, samples: FloatArray
) -> FloatArray:
    """AC value of each output at a sample of its own, (output,); NaN where there is no solution. Outputs that share a sample, as
    the voltages along a feeder do, share its power flow.
    """
    distinct, sample_of_output = np.unique(samples, axis=0, return_inverse=True)
    sample_of_output = sample_of_output.ravel()
    value = np.empty(len(samples))
    for first in range(0, len(distinct), SAMPLES_AT_ONCE):
        v_pu = uncertain.solve(distinct[first : first + SAMPLES_AT_ONCE]).v_pu
        row = sample_of_output - first
        solved_outputs = np.flatnonzero((row >= 0) & (row < len(v_pu)))
        n_parts = -(-len(solved_outputs) // SAMPLES_AT_ONCE)
        # A thousand outputs may share one sample, and each has a row of voltages here: no more of them at once than samples.
        for part in np.array_split(solved_outputs, n_parts):
            value[part] = outputs.value_of(v_pu[row[part]], part)
    return value


def _of_magnitudes(squares: Bounds) -> Bounds:
    """Bounds of magnitudes from those of their squares."""
    high = _root(squares.high)
    high_without_remainder = _root(squares.high - squares.remainder)
    return Bounds(
        low=_root(squares.low),
        high=high,
        centre=_root(squares.centre),
        attained_low=_root(squares.attained_low),
        attained_high=_root(squares.attained_high),
        remainder=high - high_without_remainder,
    )


def _root(square: FloatArray) -> FloatArray:
    """Square root; 0 of what the remainder has brought below 0."""
    return np.sqrt(np.maximum(square, 0.0))


def _live_points(uncertain: UncertainPowers) -> VoltagePoints:
    return live_voltage_points(uncertain.network, uncertain.centre.v_pu)
