"""`System`: what compiled code solves, and the small nouns that go in and out of it.

A system is a network in the order of its elimination together with the matrix of a batch and with what its scenarios ask.
`prepare` makes one. All of it is tuples of arrays, which compiled code takes as they are.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np

from tieline.powerflow.kernel.device_currents import Ports
from tieline.powerflow.kernel.pattern import FactorPattern
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray

Part = TypeVar("Part", "Variable", "Scenarios")


MAX_ROUNDS = 100
"""Three full sweeps of a 33-position changer; whoever still moves then is hunting."""


class Inputs(NamedTuple):
    """What a batch asks, in network order; a first axis of one means the same for all scenarios.

    Attributes:
        p_kw, q_kvar: consumption of each device at rated voltage, (scenario or 1, device).
        state: state vectors, (scenario or 1, state).
        source_pu: source voltage, (scenario or 1, source node) [pu], or real and then imaginary parts, twice as many.
        start: first voltages, (scenario or 1, node) [pu]; None starts from those of the operating point.
    """

    p_kw: FloatArray
    q_kvar: FloatArray
    state: FloatArray
    source_pu: FloatArray
    start: ComplexArray | None


class Limits(NamedTuple):
    """When to stop.

    Attributes:
        tolerance: estimated error of the voltages at which a scenario counts as converged [pu].
        max_iterations: give up on a scenario after this number.
        max_rounds: of moves of its controls, after which a scenario is left where it is.
    """

    tolerance: float
    max_iterations: int
    max_rounds: int = MAX_ROUNDS


class Matrix(NamedTuple):
    """The matrix of a batch, as blocks of four reals (see `factors`).

    `plain` is what all scenarios have in common of the nodal admittance, (position, 4). With the slopes of the devices, `slope`
    (port, 4), added, and eliminated as far as it is common, it becomes `factors`. `first` is the first slot of each own row, -1
    for shared ones, (node,); none stands before row `begin`.
    """

    plain: FloatArray
    slope: FloatArray
    factors: FloatArray
    first: IntArray
    begin: int
    n_slots: int


class Variable(NamedTuple):
    """Matrix entries that differ per scenario: value * state[a] * state[b] at a position of a row.

    `state` is (scenario or 1, varying state); `dead` (scenario or 1, node) the nodes without supply, (0, 0) if there are none.
    """

    row: IntArray
    position: IntArray
    value: ComplexArray
    a: IntArray
    b: IntArray
    state: FloatArray
    dead: BoolArray


class Scenarios(NamedTuple):
    """What the scenarios ask; a first axis of one means the same for all.

    `p_kw`, `q_kvar` (scenario, device) consumption; `source_pu` (scenario, source node or part); `source_re`, `source_im` (source
    node, part) current at each for one per unit of the real parts and then of the imaginary ones; `start` (scenario, 2 * node in
    network order) first voltages, real and imaginary parts in turn; `rank` the step of each node; `noise` and `newton_noise`
    (node,) in elimination order the squared steps of either method that are made of rounding errors, see `network.sections`.
    """

    p_kw: FloatArray
    q_kvar: FloatArray
    source_pu: FloatArray
    source_re: FloatArray
    source_im: FloatArray
    start: FloatArray
    rank: IntArray
    noise: FloatArray
    newton_noise: FloatArray


class System(NamedTuple):
    """A network, its matrix and the scenarios of a batch; see the class of each part."""

    matrix: Matrix
    pattern: FactorPattern
    ports: Ports
    variable: Variable
    scenarios: Scenarios


class Answers(NamedTuple):
    """What one method made of each scenario.

    `voltage` (scenario, 2 * node in network order) real and imaginary parts in turn [pu]; estimated `error` [pu] and
    `iterations` (scenario,).
    """

    voltage: FloatArray
    error: FloatArray
    iterations: IntArray

    @property
    def v_pu(self) -> ComplexArray:
        """The voltages as complex numbers in the same memory, (scenario, node) [pu]."""
        return complex_rows(self.voltage)


def real_rows(v_pu: ComplexArray) -> FloatArray:
    """The same memory as real and imaginary parts in turn, (scenario, node) -> (scenario, 2 * node)."""
    return np.ascontiguousarray(v_pu).view(np.float64)


def complex_rows(voltage: FloatArray) -> ComplexArray:
    """The reverse of `real_rows`."""
    return voltage.view(np.complex128)


def rows_of(system: System, rows: IntArray) -> System:
    """The same system for some of its scenarios only."""
    return system._replace(
        variable=_rows(system.variable, ("state", "dead"), rows),
        scenarios=_rows(
            system.scenarios, ("p_kw", "q_kvar", "source_pu", "start"), rows
        ),
    )


def _rows(part: Part, names: tuple[str, ...], rows: IntArray) -> Part:
    """Chosen rows of the arrays that have one for each scenario; one row for all stays."""
    chosen_rows = {}
    for name in names:
        array = getattr(part, name)
        if len(array) > 1:
            chosen_rows[name] = array[rows]
    return part._replace(**chosen_rows)
