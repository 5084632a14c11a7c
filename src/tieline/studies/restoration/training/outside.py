"""How far droop units would be outside their range if the island did nothing about it."""

from __future__ import annotations

import numpy as np

from tieline.envs.restoration.episode import Episode, Played
from tieline.envs.restoration.plan.figures import IslandFigures
from tieline.envs.restoration.step.set_points import SetPoints, within_limits
from tieline.opf.restoration.plant import IslandPlant
from tieline.typing import FloatArray


def outside_range(
    plant: IslandPlant, figures: IslandFigures, episode: Episode
) -> FloatArray:
    """Above and below the range, before relief [share of the highest power], (draw, step x 2 x unit); 0 in a dead island."""
    steps = [_of_step(plant, figures, one) for one in episode.played]
    outside = np.stack(steps, axis=1)
    n_draws = len(outside)
    return outside.reshape(n_draws, -1)


def _of_step(plant: IslandPlant, figures: IslandFigures, one: Played) -> FloatArray:
    """(draw, 2, unit)."""
    before = one.before
    low, high = figures.units.limits_kw(
        before.unit_last_kw, before.unit_fuel_kwh, figures.step_h
    )
    step = one.step
    dropped_kw = (step.dropped * figures.load_kw).sum(axis=1)
    missing_kw = dropped_kw - _cut_kw(plant, figures, one)
    # what relief took off the units, these would share
    unit_kw = step.unit_kw + figures.unit_share * missing_kw[:, None]
    both_kw = np.stack([unit_kw - high, low - unit_kw], axis=1)
    outside = both_kw / figures.units.ceiling_kw
    outside[step.state.is_dead] = 0.0
    return outside


def _cut_kw(plant: IslandPlant, figures: IslandFigures, one: Played) -> FloatArray:
    """Injection that relief cut, (draw,) [kW]."""
    # wishes are within what sun and wind offer already
    offered_kw = plant.renewables.p_max_kw
    decided = within_limits(plant, one.before, one.wish, offered_kw, figures.step_h)
    carried_out = one.step.set_points
    return _injected_kw(decided) - _injected_kw(carried_out)


def _injected_kw(points: SetPoints) -> FloatArray:
    parts = (points.p_kw, points.battery_kw, points.renewable_kw)
    return np.hstack(parts).sum(axis=1)
