"""What the feeder itself says of each input of `solve`: whose it is, in which columns, and its value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.feeders.elements import Generator
from tieline.feeders.feeder import Feeder
from tieline.network.network import Network
from tieline.typing import FloatArray


@dataclass(frozen=True)
class FeederInput:
    """An input of `solve`.

    Attributes:
        word: for one of the elements that it belongs to.
        columns: the columns of each element by its name.
        values: what the feeder says, (column,).
    """

    word: str
    columns: Callable[[Feeder], dict[str, list[int]]]
    values: Callable[[Network], FloatArray]


def _in_order(elements: Sequence[Any]) -> dict[str, list[int]]:
    return {element.name: [k] for k, element in enumerate(elements)}


def _der_columns(feeder: Feeder) -> dict[str, list[int]]:
    """DERs by their name behind their kind, and by their name alone where one DER has it."""
    counts = Counter(der.name for der in feeder.ders)
    columns = {}
    for k, der in enumerate(feeder.ders):
        kind = type(der).__name__.lower()
        if counts[der.name] == 1:
            columns[der.name] = [k]
        columns[f"{kind}.{der.name}"] = [k]
    return columns


def _source_columns(feeder: Feeder) -> dict[str, list[int]]:
    """A column for each node of each source."""
    columns = {}
    start = 0
    for source in feeder.sources:
        stop = start + len(source.nodes)
        columns[source.name] = list(range(start, stop))
        start = stop
    return columns


def _load_columns(feeder: Feeder) -> dict[str, list[int]]:
    return _in_order(feeder.loads)


def _load_kw(network: Network) -> FloatArray:
    return network.devices.p_kw[: network.devices.n_loads]


def _load_kvar(network: Network) -> FloatArray:
    return network.devices.q_kvar[: network.devices.n_loads]


def _no_scaling(network: Network) -> FloatArray:
    return np.ones(network.devices.n_loads)


def _der_kw(network: Network) -> FloatArray:
    # devices consume, DERs inject
    return -network.devices.p_kw[network.devices.n_loads :]


def _der_kvar(network: Network) -> FloatArray:
    return -network.devices.q_kvar[network.devices.n_loads :]


def _der_kva(network: Network) -> FloatArray:
    ratings = [
        der.rated_kva if isinstance(der, Generator) else der.inverter_kva
        for der in network.feeder.ders
    ]
    return np.array(ratings, dtype=float)


def _taps(network: Network) -> FloatArray:
    return network.regulators.initial_tap.astype(float)


def _line_closed(network: Network) -> FloatArray:
    return network.states.as_feeder[network.states.lines]


def _capacitor_steps(network: Network) -> FloatArray:
    return np.array([float(bank.steps_on) for bank in network.feeder.capacitors])


def _source_pu(network: Network) -> FloatArray:
    voltages = [source.voltages_pu for source in network.feeder.sources]
    return np.concatenate(voltages).astype(float)


FEEDER_INPUTS = {
    "load_kw": FeederInput("load", _load_columns, _load_kw),
    "load_kvar": FeederInput("load", _load_columns, _load_kvar),
    "load_scale": FeederInput("load", _load_columns, _no_scaling),
    "der_kw": FeederInput("DER", _der_columns, _der_kw),
    "der_kvar": FeederInput("DER", _der_columns, _der_kvar),
    "der_kva": FeederInput("DER", _der_columns, _der_kva),
    "taps": FeederInput(
        "regulator", lambda feeder: _in_order(feeder.regulators), _taps
    ),
    "line_closed": FeederInput(
        "line", lambda feeder: _in_order(feeder.lines), _line_closed
    ),
    "capacitor_steps": FeederInput(
        "capacitor", lambda feeder: _in_order(feeder.capacitors), _capacitor_steps
    ),
    "source_pu": FeederInput("source", _source_columns, _source_pu),
}
"""The inputs that have an element for each column or more, by their name."""
