"""The next step of an island that takes up its loads again, by a learned policy, or by MPC where none fits; checked on AC.

state   step of the horizon; served by load, fuel_kwh and last_kw by droop unit and microturbine, stored_kwh by battery,
        frequency_hz; measured_kw of sun and wind up to this step, and what was forecast of them, if it is not the island's
answer  served by load; p_kw and q_kvar of microturbines, batteries, sun and wind, above 0 where they inject; who decided; whether
        the safety step changed it; `after`, the island after the step: the next state but for what is measured by then

Power of droop units is a result (docs/restoration.md): it stands in what is told of the island after the step. A configuration
may name one of `deciders`. Of a policy that was trained with several seeds, the first is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from tieline.agents.restoration_mpc import MpcDecider
from tieline.envs.restoration.episode import Played, play_step
from tieline.envs.restoration.seen import Seen
from tieline.envs.restoration.step.set_points import SetPoints
from tieline.envs.restoration.task_costs import task_constraints, task_costs
from tieline.envs.restoration.world import RestorationWorld, make_world
from tieline.errors import InputError, NoAnswerError
from tieline.feeders.islands import island_feeder, read_island
from tieline.feeders.limits import with_limits_of
from tieline.opf.replay import FEASIBLE_PU
from tieline.opf.restoration.state import IslandState
from tieline.service.decisions.restoration_state import (
    LEAST,
    RestorationReader,
    RestorationState,
)
from tieline.service.decisions.states import read_state
from tieline.studies.restoration.config import RestorationConfig
from tieline.studies.restoration.deciders import BOUNDS, CORRECTED, CPO
from tieline.studies.restoration.ways.panel import Panel


class RestorationDecisions:
    """Decides steps of one island.

    Args:
        config: island, horizon, limits; at most one decider.

    Raises:
        InputError: if the island cannot be used, or the decider that is named is a bound or has no policy.
    """

    def __init__(self, config: RestorationConfig) -> None:
        island = read_island(config.feeder)
        feeder = island_feeder(island)
        with_numbers, _ = with_limits_of(feeder, config)
        self._world = make_world(with_numbers, island, feeder)
        self._reader = RestorationReader(self._world)
        panel, self._who = _seated(self._world, with_numbers)
        seed, *_ = panel.policy_seeds(self._who)
        self._decider = panel.decider(self._who, seed)
        self._guard = panel.guard

    def decide(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """Safe set-points; see `ask.Decisions`."""
        reader = self._reader
        situation = read_state(RestorationState, LEAST, state, reader.misfits)
        before = reader.island(situation)
        sight = reader.sight(situation)
        wish, who = self._wish(before, sight)
        played = play_step(self._world, before, wish, sight, self._guard)
        _require_safe(self._world, played)
        return {
            **self._told(played.step.set_points),
            "decided_by": who,
            "changed_by_safety_step": _is_changed(played),
            "after": reader.told(situation.step + 1, played.step.state),
        }

    def _wish(self, before: IslandState, sight: Seen) -> tuple[SetPoints, str]:
        """What is decided before the safety step, and by whom."""
        decider = self._decider
        if not isinstance(decider, MpcDecider):
            return decider.decide(before, sight), self._who
        plans = decider.plans(before, sight)
        has_plan = plans[0] is not None
        who = self._who if has_plan else f"{self._who}, without a plan"
        return decider.set_points(before, sight, plans), who

    def _told(self, set_points: SetPoints) -> dict[str, dict[str, float]]:
        """Set-points of one scenario by name."""
        plant = self._world.plant
        units = (
            *plant.generators.names,
            *plant.batteries.names,
            *plant.renewables.names,
        )
        p_kw = [set_points.p_kw, set_points.battery_kw, set_points.renewable_kw]
        q_kvar = [set_points.q_kvar, set_points.battery_kvar, set_points.renewable_kvar]
        return {
            "served": self._reader.ranges["served"].told(set_points.served[0]),
            "p_kw": dict(zip(units, np.hstack(p_kw)[0].tolist(), strict=True)),
            "q_kvar": dict(zip(units, np.hstack(q_kvar)[0].tolist(), strict=True)),
        }


def _seated(world: RestorationWorld, config: RestorationConfig) -> tuple[Panel, str]:
    """The panel that has who decides, and the name: who is asked for, else the learned policy, else MPC."""
    names = config.deciders
    if names is None:
        panel = _panel_of(world, config, CPO)
        if panel.policy_seeds(CPO):
            return panel, CPO
        return _panel_of(world, config, CORRECTED), CORRECTED
    if len(names) != 1 or names[0] in BOUNDS:
        raise InputError(
            f"A decision is made by one, who does not know what sun and wind will be; deciders are {', '.join(names)}. Name one, "
            f"and none of {', '.join(BOUNDS)}, or leave deciders out."
        )
    (name,) = names
    panel = _panel_of(world, config, name)
    if not panel.policy_seeds(name):
        reason = panel.policies.why_none
        raise InputError(
            reason or f"No policies of {name} are among those of this island."
        )
    return panel, name


def _panel_of(world: RestorationWorld, config: RestorationConfig, name: str) -> Panel:
    return Panel(world, config.model_copy(update={"deciders": (name,)}))


def _is_changed(played: Played) -> bool:
    """By the safety step, or by the exact one, which drops load where a droop unit would leave its range."""
    return bool(played.touched[0] or (played.step.dropped > 0).any())


def _require_safe(world: RestorationWorld, played: Played) -> None:
    """Refuse a step that is outside a limit after the safety step and all that could be dropped."""
    misses = list(_misses(world, played))
    if misses:
        raise NoAnswerError(
            f"No set-points keep all limits of island '{world.plant.feeder.name}' in this step: {'; '.join(misses)}. Widen the "
            "limit, or ask for the step with less load on."
        )


def _misses(world: RestorationWorld, played: Played) -> Iterator[str]:
    step = played.step
    # NaN, where there is no power flow, is no proof of safety
    if step.state.is_dead[0] or np.isnan(played.beyond).any():
        yield "no droop unit can hold its balance, and it goes dark"
        return
    if not step.fits[0]:
        yield "a droop unit would leave its range"
    excess = task_costs(world, step)[0]
    for constraint, beyond in zip(task_constraints(world), excess, strict=True):
        if constraint.unit == "pu" and beyond > FEASIBLE_PU:
            yield f"{constraint.name} {beyond:.4f}"
