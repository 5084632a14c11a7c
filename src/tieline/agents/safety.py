"""The safety step of every decider: what is proposed is replayed on the AC power flow, and changed only where a limit breaks.

    1. Clip to the bounds of the action and let the task make of it what it would carry out.
    2. Replay. Episodes within all limits are left as they are.
    3. Elsewhere linearise the limited quantities y(a) at the present action a_k by their exact sensitivities and take the action
       nearest to the *proposed* one, a_0, that obeys them:

           minimise |(a - a_0) / range|^2   subject to   y(a_k) + dy/da (a - a_k) within limits,  bounds now,  sums that are kept

    4. Replay and repeat, until the action rests within limits or the rounds are over. The best action seen is taken: the smallest
       sum of violations first, then the shortest way from a_0.

Distances are in shares of each entry's range. Where the linear model has no such action, limits are relaxed by amounts of the
smallest sum, and the episode is marked. Limits are aimed at from a little inside (`safe_search.MARGIN_PU`), so that the last
replay is within them and not on them up to rounding. An episode whose power flow has no solution at the proposed action has no
sensitivities: it is left alone and counted. Controls such as tap changers act in the replays and are at rest in the
sensitivities. Their other positions are found by starting again from points further off: where violations remain, on the way to
corners of the box, and where none do, on the way back to the proposed action. With such controls the nearest action is
therefore not certain, nor is it that there is none within limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.agents.decider import Decider
from tieline.agents.safe_actions import SafeActions
from tieline.agents.safe_search import Correction
from tieline.envs.safeguarded import Safeguarded
from tieline.envs.state_rows import take_rows
from tieline.envs.task import Task
from tieline.errors import InputError
from tieline.typing import FloatArray

ROUNDS = 8
"""Two or three are usual; the rest is for tap changers."""


@dataclass(frozen=True, eq=False)
class SafeDecider:
    """A decider whose every action goes through the safety step; a `Decider` itself. Needs the state."""

    decider: Decider
    task: Task[Any]

    def act(self, observation: FloatArray, state: Any = None) -> FloatArray:
        """Safe actions, (episode, action); see `make_safe`."""
        return self.decide(observation, state).actions

    def decide(self, observation: FloatArray, state: Any) -> SafeActions:
        """Safe actions and what was done to them; raises `InputError` without the state."""
        if state is None:
            raise InputError(
                "The safety step replays actions and needs the state. Call act(observation, state)."
            )
        return make_safe(self.task, state, self.decider.act(observation, state))


def make_safe(
    task: Task[Any] | Safeguarded,
    state: Any,
    actions: FloatArray,
    rounds: int = ROUNDS,
) -> SafeActions:
    """The safety step.

    Args:
        task: must offer what `Safeguarded` describes.
        state: the present state, (episode, ...).
        actions: proposed, (episode, action).
        rounds: corrections at most.

    Raises:
        InputError: if the task does not say what its limits are, or an action is not finite.
        ShapeError: if the actions do not fit the task.
    """
    guarded = require_safeguarded(task)
    box = guarded.action
    proposed = box.clip(box.take(actions, len(actions), "Actions"))
    limited = guarded.limited(state, proposed)
    before = limited.violation_pu
    safe = SafeActions(
        actions=proposed.copy(),
        touched=np.zeros(len(before), dtype=bool),
        moved=np.zeros(len(before)),
        violation_before=before,
        violation_after=before.copy(),
        relaxed_pu=np.zeros(len(before)),
    )
    rows = np.flatnonzero((before > 0) & np.isfinite(before))
    if len(rows) > 0:
        correction = Correction(guarded, take_rows(state, rows), proposed[rows])
        correction.run(np.arange(len(rows)), limited, rows, rounds)
        correction.look_elsewhere(rounds)
        correction.write(safe, rows)
    return safe


def require_safeguarded(task: Task[Any] | Safeguarded) -> Safeguarded:
    """The task, if it offers what the safety step needs; raises `InputError` otherwise."""
    if isinstance(task, Safeguarded):
        return task
    raise InputError(
        f"Task '{task.name}' does not say which quantities its limits apply to; therefore its actions cannot be made safe. "
        "Evaluate without the safety step, or give the task the methods of `tieline.envs.safeguarded.Safeguarded`."
    )
