"""A small island and its decisions, for tests of a step."""

from __future__ import annotations

import numpy as np

from tieline.envs.restoration.step.set_points import SetPoints
from tieline.feeders.islands import IslandConfig
from tieline.opf.restoration.plant import IslandPlant, make_island_plant
from tieline.opf.restoration.terms import Terms

HOURS = 0.25

TERMS = Terms(
    hours=HOURS,
    generation_cost=0.05,
    shed_factor=2.0,
    shed_free_share=0.02,
    v_low_pu=0.9,
    v_high_pu=1.1,
)
"""The small island is a weak one: 0.95 pu is out of its reach at full load."""


def small_config(available: object = None, **changes: object) -> IslandConfig:
    """A droop unit, a turbine, a battery and sun on the 33-bus feeder behind its bus 26; the loads there have two weights.

    Args:
        available: of the sun; left out, nothing is said of it.
        changes: in place of other values.
    """
    droop_unit = {
        "name": "droop",
        "buses": ["26"],
        "p_max_kw": 600.0,
        "q_max_kvar": 600.0,
        "ramp_kw_per_h": 1200.0,
        "fuel_kwh": 1000.0,
        "q_set_kvar": 200.0,
        "v_droop_pu_per_mvar": 0.05,
        "f_set_hz": 50.0,
        "p_set_kw": 300.0,
        "f_droop_hz_per_mw": 1.0,
        "p_start_kw": 200.0,
    }
    turbine = {
        "name": "turbine",
        "buses": ["30"],
        "p_max_kw": 300.0,
        "q_max_kvar": 200.0,
        "ramp_kw_per_h": 400.0,
        "fuel_kwh": 500.0,
        "p_start_kw": 100.0,
    }
    battery = {
        "name": "battery",
        "buses": ["33"],
        "p_max_kw": 100.0,
        "q_max_kvar": 100.0,
        "energy_kwh": 200.0,
        "efficiency_charge": 0.9,
        "efficiency_discharge": 0.9,
    }
    sun = {
        "name": "sun",
        "buses": ["28"],
        "p_max_kw": 400.0,
        "q_max_kvar": 100.0,
        "available": available,
    }
    values = {
        "name": "small",
        "feeder": "ieee33",
        "open": ["branch_25"],
        "droop_unit": [droop_unit],
        "microturbine": [turbine],
        "battery": [battery],
        "renewable": [sun],
        "load_weight": [{"weight": 5.0, "buses": ["31", "32", "33"]}],
    }
    return IslandConfig.model_validate(values | changes)


def two_droop_units() -> list[dict[str, object]]:
    """At either end of the small island, alike."""
    second = {
        "name": "second",
        "buses": ["33"],
        "p_max_kw": 600.0,
        "q_max_kvar": 600.0,
        "ramp_kw_per_h": 4800.0,
        "fuel_kwh": 1000.0,
        "q_set_kvar": 200.0,
        "v_droop_pu_per_mvar": 0.05,
        "f_set_hz": 50.0,
        "p_set_kw": 300.0,
        "f_droop_hz_per_mw": 1.0,
    }
    return [{**second, "name": "first", "buses": ["26"]}, second]


def small_plant(**changes: object) -> IslandPlant:
    """Its plant."""
    return make_island_plant(small_config(**changes))


def decided(
    plant: IslandPlant,
    served: float = 0.5,
    p_kw: float = 150.0,
    battery_kw: float = 0.0,
    renewable_kw: float = 100.0,
    count: int = 1,
) -> SetPoints:
    """The same decision in some scenarios, no reactive power."""

    def rows(value: float, width: int) -> np.ndarray:
        return np.full((count, width), value)

    n_turbines = len(plant.generators.names)
    n_batteries = len(plant.batteries.names)
    n_renewables = len(plant.renewables.names)
    return SetPoints(
        served=rows(served, len(plant.load_kw)),
        p_kw=rows(p_kw, n_turbines),
        q_kvar=rows(0.0, n_turbines),
        battery_kw=rows(battery_kw, n_batteries),
        battery_kvar=rows(0.0, n_batteries),
        renewable_kw=rows(renewable_kw, n_renewables),
        renewable_kvar=rows(0.0, n_renewables),
    )
