"""Days that no training sees, and what a decider makes of them, by the AC power flow in double precision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tieline.agents.decider import Decider
from tieline.agents.evaluate import TIMED, evaluate
from tieline.envs.draws import seed_for_each
from tieline.envs.voltage_control.days import draw_days
from tieline.envs.voltage_control.task import VoltageControlTask

OTHER_POOL = 1
"""What the seed of the held-out pool is above that of the pool for training."""

ROUNDING_PU = 1e-5
"""A voltage this far outside the band is at its edge: programs keep limits to about that."""

NO_SEED = -1
"""Of who has no chance in it."""


@dataclass(frozen=True)
class Score:
    """What one decider makes of the held-out days.

    Attributes:
        who: its name.
        seed: of its training, `NO_SEED` for who was not trained.
        returns: sum of the rewards of each day.
        loss_kwh: lost in lines a day, mean.
        below_share, above_share: of the steps, those in which a voltage is below and above the band.
        outside_pu: how far the worst voltage is outside the band.
        touched_share: of the actions, those that the safety step changed; 0 without it.
        decision_ms: median time of a decision at a batch of one, with the safety step where it is used.
        steps, train_s: length of the training, in processor time.
        bounds: of each day, no decider reaches more; empty where nothing is proven.
    """

    who: str
    seed: int
    returns: Sequence[float]
    loss_kwh: float
    below_share: float
    above_share: float
    outside_pu: float
    touched_share: float
    decision_ms: float
    steps: int = 0
    train_s: float = 0.0
    bounds: Sequence[float] = ()


class HeldOut:
    """Held-out days of a task, one episode each."""

    def __init__(self, training_task: VoltageControlTask, n_days: int):
        config = training_task.config
        days_config = config.model_copy(
            update={"pool_seed": config.pool_seed + OTHER_POOL, "pool_days": n_days}
        )
        model = training_task.model
        days = draw_days(model.network.feeder, days_config)
        self.task = VoltageControlTask(days_config, model, days)
        self.task.constraints = tuple(
            replace(constraint, limit=ROUNDING_PU)
            for constraint in self.task.constraints
        )
        self.seeds = seed_for_each(n_days, days_config.pool_seed)

    def score(
        self, who: str, decider: Decider, seed: int = NO_SEED, *, safe: bool = False
    ) -> Score:
        """Play every day once."""
        # the safety step takes tens of milliseconds: fewer decisions give its median
        timed = TIMED // 5 if safe else TIMED
        evaluation = evaluate(decider, self.task, self.seeds, safe=safe, timed=timed)
        metrics = evaluation.metrics
        steps_per_kwh = 60.0 / self.task.config.profiles.step_minutes
        peak_kw = self.task.model.network.feeder.peak_load_kw
        outside_pu = [
            metrics[f"{name}_worst"] for name in ("undervoltage_pu", "overvoltage_pu")
        ]
        return Score(
            who=who,
            seed=seed,
            returns=evaluation.episodes["return"].tolist(),
            loss_kwh=metrics["loss_pct_mean"] / 100.0 * peak_kw / steps_per_kwh,
            below_share=metrics["undervoltage_pu_share_above"],
            above_share=metrics["overvoltage_pu_share_above"],
            outside_pu=max(outside_pu),
            touched_share=metrics.get("touched_share", 0.0),
            decision_ms=metrics["decision_ms"],
        )
