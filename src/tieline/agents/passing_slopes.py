"""Actions whose slope passes the bounds: an actor that begins at a bound, or once came there, can learn to leave it.

Source: Y. Bengio et al., arXiv:1308.3432, 2013 (straight-through).
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from tieline.agents.heads import act_by
from tieline.envs.task import Task


def act_with_slopes(
    head: str, task: Task[Any], observation: Any, free: Any
) -> tuple[Any, Any]:
    """Actions, and the mean square of what free numbers are beyond the bounds, for the head that clips; 0 for others.

    Args:
        head, task, observation, free: as of `heads.act_by`, (episode, ...).
    """
    actions = act_by(head, task, observation, free, jnp)
    if head != "clip":
        return actions, jnp.zeros(())
    excess = ((free - actions) ** 2).mean()
    return free + jax.lax.stop_gradient(actions - free), excess
