"""`Batch`: the inputs of a solve, checked and broadcast to a common number of scenarios, in the solver's units.

Every input may be left out (the feeder's snapshot), be one row (the same for all scenarios) or have one row per scenario.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Unpack

import numpy as np

from tieline.errors import InputError, ShapeError
from tieline.network.network import Network
from tieline.powerflow.kernel.system import Inputs
from tieline.powerflow.named_inputs import by_position
from tieline.powerflow.scenario_inputs import (
    DevicePowers,
    InputValue,
    Positions,
    ScenarioInputs,
    require_known,
)
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray
from tieline.units import HIGHEST_SOURCE_PU

NETWORKS_KEPT = 16
"""Networks of which it is remembered what they state: a study works on a few at a time."""

DUST = 1e-9
"""Steps that were a share of a bank, and come back as a number of steps, miss it by rounding."""


@dataclass(frozen=True)
class Batch:
    """Inputs of `n_scenarios` scenarios; `is_single` if the caller gave no scenario axis at all.

    Attributes:
        p_kw, q_kvar: consumption of each device, (scenario or 1, device).
        tap: tap position of each regulator, (scenario or 1, regulator).
        state: state vectors, (scenario or 1, state).
        source_pu: voltage of each node of the source relative to its rated one, (scenario or 1, source node) [pu]; complex where
            angles were asked for.
        start: first voltages, (scenario or 1, node) [pu], 0 where none are known; None starts from the operating point.
        der_kva: ratings of the inverters of DERs in place of the feeder's, (scenario or 1, der) [kVA].
        bad: scenarios with a tap, state or source voltage that is not finite, (scenario,).
    """

    n_scenarios: int
    is_single: bool
    p_kw: FloatArray
    q_kvar: FloatArray
    tap: IntArray
    state: FloatArray
    source_pu: FloatArray | ComplexArray
    start: ComplexArray | None
    bad: BoolArray
    der_kva: FloatArray | None = None

    @cached_property
    def inputs(self) -> Inputs:
        """What the kernel is asked."""
        source_pu = _real_columns(self.source_pu)
        return Inputs(self.p_kw, self.q_kvar, self.state, source_pu, self.start)

    def bad_scenarios(self) -> BoolArray:
        """Scenarios of which any input is NaN or infinite, (scenario,); a device at a dead node takes nothing, but its power is
        an input all the same.
        """
        # One pass without a temporary array each, and almost every batch is clean.
        if math.isfinite(_total(self.p_kw) + _total(self.q_kvar)):
            return self.bad
        count = self.n_scenarios
        return self.bad | _not_finite(count, self.p_kw, self.q_kvar)


@dataclass
class _Rows:
    """Collects inputs, remembering them and how many scenarios they speak of."""

    counts: dict[str, int] = field(default_factory=dict)
    taken: dict[str, Any] = field(default_factory=dict)

    def take(self, name: str, value: InputValue, width: int, kind: type = float) -> Any:
        array = numbers_of(name, value, kind)
        if array.ndim == 0:
            array = np.full(width, array)
        if array.ndim > 2 or array.shape[-1] != width:
            raise ShapeError(
                f"{name} has shape {array.shape}; expected ({width},) or (scenario, {width})."
            )
        if array.ndim == 1:
            array = array[None, :]
        elif len(array) == 0:
            raise InputError(f"{name} has no scenario. Give at least one row.")
        else:
            self.counts[name] = len(array)
            self._require_one_count()
        self.taken[name] = array
        return array

    def taken_of(self, kind: type) -> list[Any]:
        """The inputs of one kind that were given, (scenario or 1, ...) each."""
        return [self.taken[name] for name in kind.__annotations__ if name in self.taken]

    def _require_one_count(self) -> None:
        if len(self.counts) > 1 and len(set(self.counts.values())) > 1:
            listed = ", ".join(
                f"{name}: {count}" for name, count in self.counts.items()
            )
            raise ShapeError(
                f"Inputs disagree on the number of scenarios ({listed}). Give each one row or the same number of rows."
            )

    @property
    def n_scenarios(self) -> int:
        return next(iter(self.counts.values()), 1)


def make_batch(network: Network, **inputs: Unpack[ScenarioInputs]) -> Batch:
    """Check and broadcast the inputs of `solve`, whose docstring describes them and what is raised."""
    require_known(inputs, ScenarioInputs)
    inputs = by_position(network, inputs)
    rows = _Rows()
    p_kw, q_kvar = _device_powers(network, rows, inputs)
    tap = _taps(network, rows, inputs.get("taps"))
    state = _states(network, rows, inputs)
    source = _source(network, rows, inputs.get("source_pu"))
    start = None
    start_pu = inputs.get("start_pu")
    if start_pu is not None:
        start = np.nan_to_num(rows.take("start_pu", start_pu, network.n_nodes, complex))
    der_kva = inputs.get("der_kva")
    if der_kva is not None:
        n_ders = len(network.feeder.ders)
        der_kva = rows.take("der_kva", der_kva, n_ders)
    return Batch(
        n_scenarios=rows.n_scenarios,
        is_single=not rows.counts,
        p_kw=p_kw,
        q_kvar=q_kvar,
        tap=tap,
        state=state,
        source_pu=source,
        start=start,
        bad=_not_finite(rows.n_scenarios, *rows.taken_of(Positions)),
        der_kva=der_kva,
    )


def _total(array: FloatArray) -> float:
    """NaN or infinite where any number is, without a warning that `sum` gives and that would have to be silenced."""
    return float(np.einsum("ij->", array))


def _not_finite(count: int, *arrays: FloatArray | ComplexArray) -> BoolArray:
    """Scenarios for which some array, (scenario or 1, ...), holds NaN or infinity, (scenario,)."""
    bad = np.zeros(count, dtype=bool)
    for array in arrays:
        is_finite = np.isfinite(array)
        if not is_finite.all():
            bad |= ~is_finite.all(axis=1)
    return bad


def _device_powers(
    network: Network, rows: _Rows, inputs: DevicePowers
) -> tuple[FloatArray, FloatArray]:
    """Consumption of each device, (scenario or 1, device) [kW, kvar]."""
    load_kw = inputs.get("load_kw")
    load_kvar = inputs.get("load_kvar")
    load_scale = inputs.get("load_scale")
    der_kw = inputs.get("der_kw")
    der_kvar = inputs.get("der_kvar")
    if load_scale is not None and (load_kw is not None or load_kvar is not None):
        raise InputError("Give either load_scale or load_kw and load_kvar, not both.")
    if (load_kw is None) != (load_kvar is None):
        raise InputError(
            "load_kw and load_kvar belong together: give both, or load_scale to scale the feeder's own."
        )
    devices = network.devices
    n_loads = devices.n_loads
    n_ders = len(devices.p_kw) - n_loads
    if load_kw is not None and load_kvar is not None:
        p_load = rows.take("load_kw", load_kw, n_loads)
        q_load = rows.take("load_kvar", load_kvar, n_loads)
    else:
        # a copy even at a scale of one, since a batch must not reach into the network
        scale = 1.0 if load_scale is None else _take_scale(rows, load_scale, n_loads)
        p_load = devices.p_kw[None, :n_loads] * scale
        q_load = devices.q_kvar[None, :n_loads] * scale
    p_der = devices.p_kw[None, n_loads:]
    q_der = devices.q_kvar[None, n_loads:]
    if der_kw is not None:
        p_der = -rows.take("der_kw", der_kw, n_ders)
    if der_kvar is not None:
        q_der = -rows.take("der_kvar", der_kvar, n_ders)
    return _join(p_load, p_der), _join(q_load, q_der)


def _take_scale(rows: _Rows, load_scale: InputValue, n_loads: int) -> FloatArray:
    """The scale of each load; one column, (scenario, 1), stands for all loads of the scenario."""
    array = numbers_of("load_scale", load_scale)
    is_column = array.ndim == 2 and array.shape[1] == 1
    width = 1 if is_column else n_loads
    if array.ndim == 1 and len(array) != n_loads:
        raise ShapeError(
            f"load_scale has {len(array)} numbers for {n_loads} loads. For one number per scenario give a column, such as "
            "[[0.5], [1.0]]."
        )
    return rows.take("load_scale", array, width)


def _join(loads: FloatArray, ders: FloatArray) -> FloatArray:
    """Columns of loads and then of DERs, (scenario or 1, device)."""
    if ders.shape[1] == 0:
        return np.ascontiguousarray(loads)
    count = max(len(loads), len(ders))
    joined = np.empty((count, loads.shape[1] + ders.shape[1]))
    joined[:, : loads.shape[1]] = loads
    joined[:, loads.shape[1] :] = ders
    return joined


def _taps(network: Network, rows: _Rows, taps: InputValue | None) -> IntArray:
    """Tap positions, (scenario or 1, regulator); 0 where one is not finite, whose scenario is bad all the same."""
    regulators = network.regulators
    if taps is None:
        return regulators.initial_tap[None].astype(np.int64)
    tap = rows.take("taps", taps, len(regulators.initial_tap))
    owners = ("regulator", network.feeder.regulators)
    _require_range("taps", tap, regulators.lowest_tap, regulators.highest_tap, *owners)
    return np.where(np.isfinite(tap), tap, 0.0).astype(np.int64)


def _states(network: Network, rows: _Rows, inputs: Positions) -> FloatArray:
    """State vectors, (scenario or 1, state)."""
    line_closed = inputs.get("line_closed")
    capacitor_steps = inputs.get("capacitor_steps")
    layout = network.states
    parts: list[tuple[Any, FloatArray]] = []
    if "taps" in rows.taken:
        ratio = network.regulators.inverse_ratio(rows.taken["taps"])
        parts.append((layout.regulated_windings, ratio))
    if line_closed is not None:
        closed = rows.take("line_closed", line_closed, len(network.feeder.lines))
        lowest = np.zeros(closed.shape[1])
        highest = np.ones(closed.shape[1])
        _require_range(
            "line_closed", closed, lowest, highest, "line", network.feeder.lines
        )
        parts.append((layout.lines, closed))
    if capacitor_steps is not None:
        capacitors = network.feeder.capacitors
        steps = rows.take("capacitor_steps", capacitor_steps, len(capacitors))
        highest = np.array([float(capacitor.steps) for capacitor in capacitors])
        lowest = np.zeros(len(capacitors))
        _require_range(
            "capacitor_steps", steps, lowest, highest, "capacitor", capacitors
        )
        parts.append((layout.capacitors, steps / highest))
    state = _state_of_feeder(network)
    if not parts:
        return state.copy()
    count = max(len(part) for _, part in parts)
    state = np.repeat(state, count, axis=0)
    for positions, part in parts:
        state[:, positions] = part
    return state


@lru_cache(maxsize=NETWORKS_KEPT)
def _state_of_feeder(network: Network) -> FloatArray:
    """The state vector of the feeder, one row."""
    table = network.regulators
    state = network.states.as_feeder[None].copy()
    state[:, network.states.regulated_windings] = table.inverse_ratio(table.initial_tap)
    return state


def _real_columns(source_pu: FloatArray | ComplexArray) -> FloatArray:
    """Source voltages as compiled code takes them: real, or the real parts and then the imaginary ones."""
    if np.iscomplexobj(source_pu):
        return np.hstack([source_pu.real, source_pu.imag])
    return np.asarray(source_pu, dtype=float)


def _source(
    network: Network, rows: _Rows, source_pu: InputValue | None
) -> FloatArray | ComplexArray:
    """Voltage of each of the source's nodes, (scenario or 1, source node) [pu]."""
    if source_pu is None:
        return _source_of_feeder(network).copy()
    array = np.asarray(source_pu)
    kind = complex if np.iscomplexobj(array) else float
    array = numbers_of("source_pu", source_pu, kind)
    # a negative number is a mistake, not half a turn: who means one says it with a complex number
    size = array
    if kind is complex:
        size = np.abs(array)
    wrong = (size <= 0) | (size > HIGHEST_SOURCE_PU)
    if wrong.any():
        allowed = f"above 0 and at most {HIGHEST_SOURCE_PU:g} pu"
        raise InputError(
            f"source_pu holds {array[wrong][0]:g}; a source voltage is {allowed}."
        )
    count = len(network.source_nodes)
    # A single axis is that of the scenarios: one voltage for all phases, as before sources had several.
    if array.ndim < 2 or (array.ndim == 2 and array.shape[1] == 1):
        if array.ndim == 1:
            array = array[:, None]
        column = rows.take("source_pu", array, 1, kind)
        return np.repeat(column, count, axis=1)
    return rows.take("source_pu", array, count, kind)


@lru_cache(maxsize=NETWORKS_KEPT)
def _source_of_feeder(network: Network) -> FloatArray:
    """What the feeder states, one row."""
    stated = [source.voltages_pu for source in network.feeder.sources]
    return np.concatenate(stated)[None].astype(float)


def _require_range(
    name: str,
    values: FloatArray,
    lowest: Any,
    highest: Any,
    kind: str,
    elements: Sequence[Any],
) -> None:
    """Positions are whole numbers within their range; NaN is left to `Batch.bad`, dust of a division is no fraction.

    Raises:
        InputError: naming the first position that is not.
    """
    is_outside = (values < lowest - DUST) | (values > highest + DUST)
    with np.errstate(invalid="ignore"):  # infinite ones are outside already
        fraction = np.abs(values - np.round(values))
    wrong = is_outside | (fraction > DUST)
    if wrong.any():
        scenario, k = np.argwhere(wrong)[0]
        allowed = f"a whole number from {lowest[k]:g} to {highest[k]:g}"
        raise InputError(
            f"{name} of {kind} '{elements[k].name}' is {values[scenario, k]:g} (scenario {scenario}); give {allowed}."
        )


def numbers_of(name: str, value: InputValue, kind: type = float) -> Any:
    """An input as an array of numbers; raises `InputError` for text, ragged rows, or complex numbers where real ones belong."""
    try:
        array = np.asarray(value)
        if kind is float and np.iscomplexobj(array):
            raise ValueError("it is complex")
        return np.asarray(array, dtype=kind)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{name} is no array of numbers ({error}). Give numbers, with as many in each row."
        ) from None
