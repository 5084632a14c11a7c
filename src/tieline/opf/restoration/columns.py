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


class Track(NamedTuple):
    """A variable that goes on from step to step: its columns before and after each step, (step, element) both."""

    before: IntArray
    after: IntArray


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
        n_loads = len(model.load)
        n_units = len(model.unit)
        n_generators = len(model.generator)
        n_batteries = len(model.battery)
        n_renewables = len(model.renewable)
        free_widths = (
            *(n_loads, n_loads),
            *(n_generators, n_generators),
            *(n_batteries, n_batteries, n_batteries),
            *(n_renewables, n_renewables),
            *(n_units, n_units),
            1,
            *(n_generators, n_units, n_batteries),
        )
        before_widths = (
            *(n_loads, n_generators, n_units),
            *(n_generators, n_units, n_batteries),
        )
        n_parameters = sum(before_widths) + steps * n_renewables
        n_decided = steps * sum(free_widths)
        self.space = Space(
            steps=steps,
            branches=len(model.tree.branch),
            nodes=model.equivalent.n_nodes,
            decisions=n_decided + n_parameters,
            points=0,
            rows=0,
            is_elastic=False,
        )
        self.steps = steps
        self.n_free = self.space.u + n_decided
        free = _split(self.space.u, steps, free_widths)
        before = _split(self.n_free, 1, before_widths)
        served, self.shed, p, self.q, *free = free
        self.charge, self.discharge, self.battery_q, *free = free
        self.renewable_p, self.renewable_q, unit_p, self.unit_q, *free = free
        self.frequency, fuel, unit_fuel, stored = free
        self.served = _track(before[0], served)
        self.p = _track(before[1], p)
        self.unit_p = _track(before[2], unit_p)
        self.fuel = _track(before[3], fuel)
        self.unit_fuel = _track(before[4], unit_fuel)
        self.stored = _track(before[5], stored)
        first_available = self.n_free + sum(before_widths)
        (self.available,) = _split(first_available, steps, (n_renewables,))

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


def _track(first: IntArray, after: IntArray) -> Track:
    """A variable by what stands before the window, (1, element), and after each step."""
    before = np.vstack([first, after[:-1]])
    return Track(before, after)


def _split(first: int, steps: int, widths: tuple[int, ...]) -> list[IntArray]:
    """Columns of kinds one after another, (step, element) each; the kinds of a step stand together."""
    width = sum(widths)
    every_step = first + np.arange(steps * width).reshape(steps, width)
    ends = np.cumsum(widths)[:-1]
    return np.split(every_step, ends, axis=1)
