"""`Columns`: where each variable of a window stands; what is a parameter of a solve stands last.

Powers in per unit, energies in MWh, frequency in Hz beyond nominal. A variable that goes on from step to step has one row more
than there are steps: row 0 is what stands before the window, and is a parameter. So rows in time look the same in every step.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tieline.opf.restoration.model_network import ModelNetwork
from tieline.opf.socp.rows import Space
from tieline.typing import FloatArray, IntArray

FREE = {
    "served": "load",
    "shed": "load",
    "p": "generator",
    "q": "generator",
    "charge": "battery",
    "discharge": "battery",
    "battery_q": "battery",
    "renewable_p": "renewable",
    "renewable_q": "renewable",
    "unit_p": "unit",
    "unit_q": "unit",
    "frequency": "island",
    "fuel": "generator",
    "unit_fuel": "unit",
    "stored": "battery",
}
"""Variables of a step, and of which elements."""

BEFORE = {
    "served": "load",
    "p": "generator",
    "unit_p": "unit",
    "fuel": "generator",
    "unit_fuel": "unit",
    "stored": "battery",
}
"""Variables that go on from step to step: what they are before the window is a parameter."""


class Track(NamedTuple):
    """A variable that goes on from step to step: its columns before and after each step, (step, element) both."""

    before: IntArray
    after: IntArray

    @classmethod
    def of(cls, first: IntArray, after: IntArray) -> Track:
        """By what stands before the window, (1, element), and after each step."""
        before = np.vstack([first, after[:-1]])
        return cls(before, after)


class Columns:
    """Columns by kind, (step, element); those marked * are a `Track`.

    Attributes:
        space: columns of the network, and rows over all columns.
        served*, shed: share of each load that is on, and of it that is given up for a price.
        p*, q: microturbines.
        charge, discharge, battery_q: batteries.
        renewable_p, renewable_q: what is taken of sun and wind.
        unit_p*, unit_q: droop units.
        frequency: (step, 1) [Hz beyond nominal].
        fuel*, unit_fuel*: left in tanks [MWh of fuel].
        stored*: in batteries [MWh].
        available: of sun and wind, a parameter, (step, renewable).
        n_free: columns before the parameters.
    """

    def __init__(self, model: ModelNetwork, steps: int):
        counts = _counts(model)
        self.steps = steps
        n_decided = steps * _width(FREE, counts)
        n_before = _width(BEFORE, counts)
        n_available = steps * counts["renewable"]
        self.space = Space(
            steps=steps,
            branches=len(model.tree.branch),
            nodes=model.equivalent.n_nodes,
            decisions=n_decided + n_before + n_available,
            points=0,
            rows=0,
            is_elastic=False,
        )
        self.n_free = self.space.u + n_decided
        free = _places(self.space.u, steps, FREE, counts)
        before = _places(self.n_free, 1, BEFORE, counts)
        self.served = Track.of(before["served"], free["served"])
        self.shed = free["shed"]
        self.p = Track.of(before["p"], free["p"])
        self.q = free["q"]
        self.charge = free["charge"]
        self.discharge = free["discharge"]
        self.battery_q = free["battery_q"]
        self.renewable_p = free["renewable_p"]
        self.renewable_q = free["renewable_q"]
        self.unit_p = Track.of(before["unit_p"], free["unit_p"])
        self.unit_q = free["unit_q"]
        self.frequency = free["frequency"]
        self.fuel = Track.of(before["fuel"], free["fuel"])
        self.unit_fuel = Track.of(before["unit_fuel"], free["unit_fuel"])
        self.stored = Track.of(before["stored"], free["stored"])
        first_available = self.n_free + n_before
        available = np.arange(first_available, self.space.count)
        self.available = available.reshape(steps, counts["renewable"])

    @property
    def n_parameters(self) -> int:
        """Number of parameters."""
        return self.space.count - self.n_free


def parameter_values(
    served: FloatArray,
    p_pu: FloatArray,
    unit_p_pu: FloatArray,
    fuel_mwh: FloatArray,
    unit_fuel_mwh: FloatArray,
    stored_mwh: FloatArray,
    available_pu: FloatArray,
) -> FloatArray:
    """Parameters, in the order of their columns: rows before the first step, then (step, renewable)."""
    before = (served, p_pu, unit_p_pu, fuel_mwh, unit_fuel_mwh, stored_mwh)
    return np.concatenate([*before, available_pu.ravel()])


def _counts(model: ModelNetwork) -> dict[str, int]:
    """Elements of each kind."""
    return {
        "load": len(model.load),
        "generator": len(model.generator),
        "battery": len(model.battery),
        "renewable": len(model.renewable),
        "unit": len(model.unit),
        "island": 1,
    }


def _width(kinds: dict[str, str], counts: dict[str, int]) -> int:
    return sum(counts[element] for element in kinds.values())


def _places(
    first: int, steps: int, kinds: dict[str, str], counts: dict[str, int]
) -> dict[str, IntArray]:
    """Columns of each kind, (step, element); those of a step stand together, which keeps the solver's equations banded."""
    width = _width(kinds, counts)
    end = first + steps * width
    every_step = np.arange(first, end).reshape(steps, width)
    widths = [counts[element] for element in kinds.values()]
    ends = np.cumsum(widths)
    parts = np.split(every_step, ends[:-1], axis=1)
    return dict(zip(kinds, parts, strict=True))
