"""`Day`: what a stretch of steps brings, and the `Problem` that it poses on a plant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.envs.microgrids.plant import Plant
from tieline.errors import InputError
from tieline.opf import DerInputs, Problem, StorageInputs, make_problem
from tieline.powerflow import solve
from tieline.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Day:
    """Series of a stretch of steps, be it a day or an hour.

    Attributes:
        hour: local hour at which each step is read, (step,) [h].
        step_h: length of a step [h].
        price: where energy is metered, (step,) [currency/kWh].
        load_kw, load_kvar: of every load of the feeder, (step, load).
        sun: power of PV as a share of rated, (step, pv).
        stored_kwh: at the start, (battery,).
        last_kw: power of generators before the first step, (generator,).
    """

    hour: FloatArray
    step_h: float
    price: FloatArray
    load_kw: FloatArray
    load_kvar: FloatArray
    sun: FloatArray
    stored_kwh: FloatArray
    last_kw: FloatArray


def problem_of(plant: Plant, day: Day) -> Problem:
    """The dispatch of all microgrids as one problem: what all of them spend together, at their meters and on fuel.

    No-load fuel, which all ways burn alike, is no part of it; `bill` counts it.

    Raises:
        InputError: if limits contradict each other; each is named.
        NotConvergedError: if there is no power flow at which controls come to rest.
    """
    boxes = _boxes(plant, plant.pv.available_kw(day.sun))
    # a DER that is no generator costs nothing, has no ramp, and no power before from which one would count
    ramp_kw = _of_generators(plant, plant.generators.ramp_kw_per_h * day.step_h, np.inf)
    # one that is held or idle is where it is, whatever generators are said to have given before
    is_held = (boxes["p_min_kw"] == boxes["p_max_kw"]).all(axis=0)
    ders = DerInputs(
        **boxes,
        cost_square=_of_generators(plant, plant.generators.cost_per_kw2h, 0.0),
        ramp_kw=np.where(is_held, np.inf, ramp_kw),
        last_kw=_of_generators(plant, day.last_kw, np.nan),
    )
    storage = StorageInputs(
        batteries=plant.batteries,
        stored_kwh=day.stored_kwh,
        end_value=plant.stored_value,
    )
    lowest_pu, highest_pu = plant.band_pu
    return make_problem(
        plant.network,
        price=day.price,
        hours=day.step_h,
        load_kw=day.load_kw,
        load_kvar=day.load_kvar,
        cost=_of_generators(plant, plant.generators.cost_per_kwh, 0.0),
        v_min_pu=lowest_pu,
        v_max_pu=highest_pu,
        branch_limits=plant.branch_limits,
        ders=ders,
        storage=storage,
        meters=plant.pccs,
        **held_positions(plant, day),
    )


def held_positions(plant: Plant, day: Day) -> dict[str, Any]:
    """Taps and steps at rest at the mean load, DERs idle but for the sun; nothing if those of the feeder are held.

    Optimisers have no discrete steps: controls act once before, and stay while set-points are sought.
    """
    if not plant.has_moving_controls:
        return {}
    network = plant.network
    der_kw = np.zeros(len(network.feeder.ders))
    der_kw[plant.pv_ders] = plant.pv.available_kw(day.sun).mean(axis=0)
    before = solve(
        network,
        load_kw=day.load_kw.mean(axis=0),
        load_kvar=day.load_kvar.mean(axis=0),
        der_kw=der_kw,
    )
    positions: dict[str, Any] = {"taps": before.taps[0]}
    if network.feeder.capacitors:
        positions["capacitor_steps"] = before.capacitor_steps[0]
    return positions


def require_steps(day: Day, n_steps: int) -> None:
    """Refuse a window that is longer than what is known; raises `InputError`."""
    if n_steps > len(day.price):
        raise InputError(
            f"A window of {n_steps} steps looks beyond the data: the case has {len(day.price)}. Take a smaller window_steps."
        )


def _boxes(plant: Plant, pv_kw: FloatArray) -> dict[str, FloatArray]:
    """Boxes of all DERs, (step, der) each: PV gives what the sun gives, and is not curtailed.

    DERs outside of microgrids are nobody's to decide: no bill would show what they cost. PV gives no Q there, those that are not
    controllable stay as the feeder states them, all others stand idle.
    """
    rated = plant.der_limits
    box = {
        "p_min_kw": rated.p_min_kw,
        "p_max_kw": rated.p_max_kw,
        "q_min_kvar": rated.q_min_kvar,
        "q_max_kvar": rated.q_max_kvar,
    }
    of_step = (len(pv_kw), 1)
    has_room = plant.is_owned | plant.is_held
    boxes = {name: np.tile(edge * has_room, of_step) for name, edge in box.items()}
    boxes["p_min_kw"][:, plant.pv_ders] = pv_kw
    boxes["p_max_kw"][:, plant.pv_ders] = pv_kw
    return boxes


def _of_generators(
    plant: Plant, values: FloatArray, of_no_generator: float
) -> FloatArray:
    """A value of each generator, and one for all DERs that are none, (der,)."""
    of_ders = np.full(len(plant.network.feeder.ders), of_no_generator)
    of_ders[plant.generator_ders] = values
    return of_ders
