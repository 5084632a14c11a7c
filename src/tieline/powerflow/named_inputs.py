"""Inputs of `solve` by name: `load_kw={"s1a": 100}`, a Series (its index: names) or DataFrame (columns: names, rows: scenarios).

    load_kw, load_kvar, load_scale     loads
    der_kw, der_kvar, der_kva          DERs
    taps                               regulators
    line_closed                        lines
    capacitor_steps                    capacitors
    source_pu                          sources, all nodes of one alike

What is not named keeps the feeder's value; so does Q where only P is named, which by position would be refused. A DER whose name
another kind of DER has too is named with its kind, "pv.roof". A value of a mapping is a number, or one for each scenario. A
Series or frame that counts its elements (pandas' own range of numbers) is an array, as everything else is.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from tieline.errors import InputError, ShapeError, require_text, unknown_name_message
from tieline.network.network import Network
from tieline.powerflow.feeder_inputs import FEEDER_INPUTS, FeederInput
from tieline.powerflow.scenario_inputs import ScenarioInputs

BY_POSITION = (np.ndarray, list, tuple, float, int, np.number, type(None))
"""What is looked at no further: most inputs, and a batch must not wait for the few."""


def by_position(network: Network, inputs: ScenarioInputs) -> ScenarioInputs:
    """The inputs with those by name as arrays in the order of the feeder; the same inputs where none is by name.

    Raises:
        InputError: with every name that does not exist or stands there twice; if frames have rows of different names; if Q of
            DERs is named, but not that of a generator that holds a voltage.
        ShapeError: if the values of a mapping differ in length.
    """
    by_name = {name: value for name, value in inputs.items() if _is_by_name(value)}
    if not by_name:
        return inputs
    _require_same_rows(by_name)
    arrays = dict(inputs)
    for name, value in by_name.items():
        arrays[name] = _array(network, name, value)
    if "der_kvar" in by_name:
        _require_holders(network, by_name["der_kvar"])
    # P by name is that of a few: nobody forgot the Q of all
    for p_name, q_name in (("load_kw", "load_kvar"), ("load_kvar", "load_kw")):
        if p_name in by_name and arrays.get(q_name) is None:
            arrays[q_name] = FEEDER_INPUTS[q_name].values(network)
    return cast("ScenarioInputs", arrays)


def _is_by_name(value: Any) -> bool:
    """Whether an input says which elements it means."""
    if isinstance(value, BY_POSITION):
        return False
    if isinstance(value, Mapping):
        return True
    # whoever has a frame has imported pandas
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(value, pandas.Series | pandas.DataFrame):
        return False
    return not isinstance(value.axes[-1], pandas.RangeIndex)


def _labels(value: Any) -> list[Any]:
    """The names that an input gives, in its order."""
    if isinstance(value, Mapping):
        return list(value)
    return list(value.axes[-1])


def _require_same_rows(by_name: Mapping[str, Any]) -> None:
    """Rows of several frames are the same scenarios in the same order: pandas would align them, arrays cannot."""
    frames = {name: value for name, value in by_name.items() if np.ndim(value) == 2}
    names = list(frames)
    for name in names[1:]:
        if not frames[name].index.equals(frames[names[0]].index):
            raise InputError(
                f"The rows of {names[0]} and {name} have different names, and row by row they are the same scenarios. Bring them "
                f"to one index, for example {name}.reindex({names[0]}.index)."
            )


def _array(network: Network, name: str, value: Any) -> Any:
    """An input by name as an array, (column,) or (scenario, column)."""
    feeder_input = FEEDER_INPUTS.get(name)
    if feeder_input is None:
        raise InputError(
            f"{name} is an array in the order of the nodes. By name are {', '.join(FEEDER_INPUTS)}."
        )
    columns_of = feeder_input.columns(network.feeder)
    labels = _labels(value)
    _require_names(network, name, labels, feeder_input, columns_of)
    numbers = _numbers(name, value)
    feeder_values = feeder_input.values(network)
    kind = np.result_type(numbers, feeder_values)
    shape = (*numbers.shape[:-1], len(feeder_values))
    array = np.broadcast_to(feeder_values, shape).astype(kind)
    for k, label in enumerate(labels):
        for column in columns_of[label.strip().lower()]:
            array[..., column] = numbers[..., k]
    return array


def _require_names(
    network: Network,
    name: str,
    labels: list[Any],
    feeder_input: FeederInput,
    columns_of: Mapping[str, list[int]],
) -> None:
    """Every label is the name of an element, and none stands there twice."""
    where = f"of feeder '{network.feeder.name}'"
    problems = []
    counts: Counter[str] = Counter()
    for label in labels:
        require_text(f"{feeder_input.word} {where}", label)
        key = label.strip().lower()
        counts[key] += 1
        if key not in columns_of:
            problems.append(
                unknown_name_message(feeder_input.word, label, columns_of, where)
            )
    repeated = [key for key, count in counts.items() if count > 1]
    if repeated:
        problems.append(f"Named more than once: {', '.join(repeated)}.")
    if problems:
        raise InputError(" ".join([f"{name}:", *problems]))


def _numbers(name: str, value: Any) -> Any:
    """The values of an input by name, (label,) or (scenario, label)."""
    array = _stacked(name, value) if isinstance(value, Mapping) else value.to_numpy()
    if array.dtype.kind in "biufc":
        return array
    # whole numbers beside missing ones are objects in pandas
    try:
        return array.astype(float)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{name} holds something else than numbers ({error})."
        ) from None


def _stacked(name: str, value: Mapping[str, Any]) -> Any:
    """The values of a mapping side by side; a number stands for all scenarios."""
    columns = [np.asarray(column) for column in value.values()]
    try:
        return np.stack(np.broadcast_arrays(*columns), axis=-1)
    except ValueError:
        lengths = [f"{label}: {np.size(column)}" for label, column in value.items()]
        raise ShapeError(
            f"{name} has values of different length ({', '.join(lengths)}). Give each one number, or one for each scenario."
        ) from None


def _require_holders(network: Network, value: Any) -> None:
    """Where Q is given no generator holds its voltage: none stops doing so without being named."""
    feeder = network.feeder
    columns_of = FEEDER_INPUTS["der_kvar"].columns(feeder)
    columns = {columns_of[label.strip().lower()][0] for label in _labels(value)}
    missing = []
    for column, der in enumerate(feeder.ders):
        holds_voltage = getattr(der, "held_v_pu", None) is not None
        if holds_voltage and column not in columns:
            missing.append(der.name)
    if missing:
        raise InputError(
            f"der_kvar: where it is given no generator holds its voltage, and it says nothing of {', '.join(missing)}. "
            "Give their Q too, or leave der_kvar out."
        )
