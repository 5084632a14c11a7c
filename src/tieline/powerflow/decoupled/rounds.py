"""One round of exchange: every region solved with what its neighbours told last, from the far ends to the source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tieline.powerflow.batch import Batch
from tieline.powerflow.decoupled.region_networks import Decoupled, RegionNetwork
from tieline.powerflow.options import LoadModel
from tieline.powerflow.solution import Solution
from tieline.powerflow.solve import solve
from tieline.typing import ComplexArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Told:
    """What the regions tell each other at each border.

    Attributes:
        v_pu: voltages of the far bus, told by the region before it, (scenario, phase) for each border [pu].
        s_kva: powers into the region behind, told by that region, (scenario, pair of its `Port`) for each border [kVA].
    """

    v_pu: tuple[ComplexArray, ...]
    s_kva: tuple[ComplexArray, ...]

    def change_pu(self, before: Told) -> FloatArray:
        """Largest change of a voltage, (scenario,) [pu]; NaN where a region has no answer."""
        return _largest_change(self.v_pu, before.v_pu)

    def change_kva(self, before: Told) -> FloatArray:
        """Largest change of a power, (scenario,) [kVA]; NaN where a region has no answer."""
        return _largest_change(self.s_kva, before.s_kva)


@dataclass(frozen=True, eq=False)
class Request:
    """What a batch asks of the whole feeder; a first axis of one means the same for all scenarios.

    `load_kw`, `load_kvar` (scenario or 1, load); `der_kw`, `der_kvar` (scenario or 1, DER); `taps` (scenario or 1, regulator);
    `capacitor_steps` (scenario or 1, capacitor); `source_pu` (scenario or 1, source node).
    """

    n_scenarios: int
    load_kw: FloatArray
    load_kvar: FloatArray
    der_kw: FloatArray
    der_kvar: FloatArray
    taps: IntArray
    capacitor_steps: FloatArray
    source_pu: FloatArray | ComplexArray
    load_model: LoadModel


def request_of(decoupled: Decoupled, batch: Batch, load_model: LoadModel) -> Request:
    """A batch of the whole feeder, element by element."""
    network = decoupled.network
    n_loads = network.devices.n_loads
    capacitors = network.feeder.capacitors
    n_steps = np.array([capacitor.steps for capacitor in capacitors], dtype=float)
    # states are shares of a bank, requests count its steps
    share_closed = batch.state[:, network.states.capacitors]
    return Request(
        n_scenarios=batch.n_scenarios,
        load_kw=batch.p_kw[:, :n_loads],
        load_kvar=batch.q_kvar[:, :n_loads],
        # devices count consumption, DERs what they inject
        der_kw=-batch.p_kw[:, n_loads:],
        der_kvar=-batch.q_kvar[:, n_loads:],
        taps=batch.tap,
        capacitor_steps=share_closed * n_steps,
        source_pu=batch.source_pu,
        load_model=load_model,
    )


def first_told(decoupled: Decoupled, n_scenarios: int) -> Told:
    """Rated voltage and no power: any voltage does, as the regions at the far ends tell their powers before these are used."""
    # the first region has the feeder's source, which nobody tells anything
    fed_regions = decoupled.regions[1:]
    rated_pu = [_rated_pu(region) for region in fed_regions]
    n_pairs = [len(port.plus) for port in decoupled.ports]
    return Told(
        v_pu=tuple(np.tile(rated, (n_scenarios, 1)) for rated in rated_pu),
        s_kva=tuple(np.zeros((n_scenarios, n), dtype=complex) for n in n_pairs),
    )


def do_round(
    decoupled: Decoupled,
    request: Request,
    told: Told,
    solutions: Sequence[Solution | None],
) -> tuple[Told, list[Solution]]:
    """Solve every region once.

    Args:
        decoupled: the regions.
        request: of the whole feeder.
        told: in the round before.
        solutions: of the round before, (region,), to start from; None in the first.

    Returns:
        What the regions tell now, and their solutions, (region,).
    """
    v_pu = list(told.v_pu)
    s_kva = list(told.s_kva)
    newest = list(solutions)
    # a region stands before those that it feeds, so backwards every power is new when it is used
    for k in reversed(range(len(decoupled.regions))):
        region = decoupled.regions[k]
        solution = _solve_region(region, request, v_pu, s_kva, newest[k])
        newest[k] = solution
        if region.inlet is not None:
            port = decoupled.ports[region.inlet]
            source_nodes = region.network.source_nodes
            v_source = solution.v_pu[:, source_nodes]
            current = solution.source_current_pu
            s_kva[region.inlet] = port.power_kva(v_source, current)
        for outlet in region.outlets:
            v_pu[outlet.border] = solution.v_pu[:, outlet.nodes]
    told_now = Told(tuple(v_pu), tuple(s_kva))
    return told_now, [one for one in newest if one is not None]


def _solve_region(
    region: RegionNetwork,
    request: Request,
    v_pu: Sequence[ComplexArray],
    s_kva: Sequence[ComplexArray],
    solution_before: Solution | None,
) -> Solution:
    der_kw, der_kvar = _injections(region, request, s_kva)
    source_pu = request.source_pu
    if region.inlet is not None:
        # `solve` takes a source relative to its rated voltage, angle included
        source_pu = v_pu[region.inlet] / _rated_pu(region)
    start_pu = None
    if solution_before is not None:
        start_pu = solution_before.v_pu
    return solve(
        region.network,
        load_kw=_columns(request.load_kw, region.loads),
        load_kvar=_columns(request.load_kvar, region.loads),
        der_kw=der_kw,
        der_kvar=der_kvar,
        taps=_columns(request.taps, region.regulators),
        capacitor_steps=_columns(request.capacitor_steps, region.capacitors),
        # with a scenario axis always: a region without an answer is marked then, and raises nothing
        source_pu=_rows(source_pu, request.n_scenarios),
        start_pu=start_pu,
        controls="off",
        load_model=request.load_model,
    )


def _injections(
    region: RegionNetwork, request: Request, s_kva: Sequence[ComplexArray]
) -> tuple[FloatArray, FloatArray]:
    """What its DERs and the regions behind its borders inject, (scenario, DER) [kW, kvar]."""
    count = request.n_scenarios
    n_ders = len(region.ders)
    n_stand_ins = sum(len(outlet.ders) for outlet in region.outlets)
    p_kw = np.zeros((count, n_ders + n_stand_ins))
    q_kvar = np.zeros_like(p_kw)
    p_kw[:, :n_ders] = request.der_kw[:, region.ders]
    q_kvar[:, :n_ders] = request.der_kvar[:, region.ders]
    for outlet in region.outlets:
        # what flows into a region is taken from the one before it
        injected_kva = -s_kva[outlet.border]
        p_kw[:, outlet.ders] = injected_kva.real
        q_kvar[:, outlet.ders] = injected_kva.imag
    return p_kw, q_kvar


def _rated_pu(region: RegionNetwork) -> ComplexArray:
    """Voltages of the nodes of a region's ideal source while nothing else is told, (phase,) [pu]."""
    network = region.network
    return network.source_current[network.source_nodes]


def _columns(array: FloatArray | IntArray, columns: IntArray) -> FloatArray | IntArray:
    """Some columns; one row for all scenarios becomes a row without a scenario axis, as `solve` wants it."""
    part = array[:, columns]
    if len(part) == 1:
        return part[0]
    return part


def _rows(array: FloatArray | ComplexArray, count: int) -> NDArray[Any]:
    shape = (count, array.shape[1])
    return np.broadcast_to(array, shape)


def _largest_change(
    newest: Sequence[ComplexArray], before: Sequence[ComplexArray]
) -> FloatArray:
    changes = []
    for value, value_before in zip(newest, before, strict=True):
        change = np.abs(value - value_before)
        changes.append(change.max(axis=1))
    # a single region has no border, and nothing changes there
    return np.max(changes, axis=0, initial=0.0)
