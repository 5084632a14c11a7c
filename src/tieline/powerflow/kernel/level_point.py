"""Operating points on a grid of levels: the loads of a feeder, and its DERs, at so many sixteenths of what the feeder states.

A batch of a few scenarios is solved with the slopes at the point of the grid nearest to its mean: a point of its own would take
longer than they do. Each point is worked out once for each state of the network, and hangs on nothing that was solved before.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tieline.network.network import Network
from tieline.powerflow.kernel.plan import PLANS_KEPT
from tieline.powerflow.kernel.prepare import (
    SolveOne,
    asked,
    at_operating_point,
    differing_states,
    prepare,
)
from tieline.powerflow.kernel.system import Inputs, System
from tieline.typing import FloatArray

STEPS = 16
"""Levels from nothing to what is stated. On the reference feeders random batches take 0.2 % more iterations than from a point of
their own; with 8 levels 2 %, with 32 as many."""

POINTS_KEPT = 64
"""Points remembered: a day of a feeder passes through a dozen or two."""


class Units(NamedTuple):
    """What the grid is counted in.

    Attributes:
        p_kw, q_kvar: of each device at level `STEPS`, (device,).
        n_loads: devices that are loads; the others are DERs.
        load_kw, der_kw: their sums.
        source_pu: as stated, (1, source node).
    """

    p_kw: FloatArray
    q_kvar: FloatArray
    n_loads: int
    load_kw: float
    der_kw: float
    source_pu: FloatArray


def has_angles(network: Network, inputs: Inputs) -> bool:
    """Whether a batch turns its source, and with it all voltages away from those of the grid."""
    return inputs.source_pu.shape[1] > len(network.source_nodes)


def prepare_at_level(
    network: Network, inputs: Inputs, solve_one: SolveOne, *, use_band: bool
) -> System:
    """The system of a batch with the slopes of its devices at the nearest point of the grid, where it also starts by default.

    Args:
        network: feeder arrays.
        inputs: what the scenarios ask, all of them in one state.
        solve_one: as of `at_operating_point`.
        use_band: apply OpenDSS' load band.
    """
    units = _units_of(network)
    loads = inputs.p_kw[:, : units.n_loads]
    ders = inputs.p_kw[:, units.n_loads :]
    load_level = _level(loads, units.load_kw)
    der_level = _level(ders, units.der_kw)
    state = inputs.state.tobytes()
    point = _point(network, state, use_band, load_level, der_level, solve_one)
    scenarios = asked(network, point.scenarios, inputs)
    return point._replace(scenarios=scenarios)


def _level(p_kw: FloatArray, unit_kw: float) -> int:
    """Mean power over scenarios in steps of the grid; that of the feeder where it says nothing."""
    if unit_kw == 0.0:
        return STEPS
    # unlike `sum` it is silent about infinity, which the scenarios themselves answer for
    total_kw = float(np.einsum("ij->", p_kw))
    level = STEPS * total_kw / (len(p_kw) * unit_kw)
    return round(level) if math.isfinite(level) else STEPS


@lru_cache(maxsize=POINTS_KEPT)
def _point(
    network: Network,
    state: bytes,
    use_band: bool,
    load_level: int,
    der_level: int,
    solve_one: SolveOne,
) -> System:
    """The system at one state vector, with the slopes at a point of the grid if it has an answer there."""
    units = _units_of(network)
    level = np.full(len(units.p_kw), der_level / STEPS)
    level[: units.n_loads] = load_level / STEPS
    inputs = Inputs(
        p_kw=(level * units.p_kw)[None],
        q_kvar=(level * units.q_kvar)[None],
        state=np.frombuffer(state)[None],
        source_pu=units.source_pu,
        start=None,
    )
    varying = differing_states(inputs.state)
    system = prepare(network, inputs, varying, use_band=use_band)
    return at_operating_point(system, False, solve_one)


@lru_cache(maxsize=PLANS_KEPT)
def _units_of(network: Network) -> Units:
    """What the feeder states; where its DERs rest, as much as its loads take stands for them, spread evenly."""
    devices = network.devices
    n_loads = devices.n_loads
    p_kw = devices.p_kw.copy()
    if not p_kw[n_loads:].any():
        n_ders = max(1, len(p_kw) - n_loads)
        p_kw[n_loads:] = -p_kw[:n_loads].sum() / n_ders
    sources = [source.voltages_pu for source in network.feeder.sources]
    return Units(
        p_kw=p_kw,
        q_kvar=devices.q_kvar,
        n_loads=n_loads,
        load_kw=float(p_kw[:n_loads].sum()),
        der_kw=float(p_kw[n_loads:].sum()),
        source_pu=np.concatenate(sources)[None].astype(float),
    )
