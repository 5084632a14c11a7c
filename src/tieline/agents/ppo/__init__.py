"""PPO: proximal policy optimisation, of one agent that decides all or of several that decide a part each (IPPO).

learning       what an agent learns from the steps of a round
rounds         who makes these steps: the compiled program, or `BatchedEnv` around it
single         PPO: one agent sees and sets everything
team           IPPO: each agent of a task has networks of its own; limits may have a price that rises
training       `train_actors`: rounds until the training is over
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tieline.lazy_face import lazy_face

if TYPE_CHECKING:
    from tieline.agents.ppo.single import Ppo
    from tieline.agents.ppo.team import Ippo
    from tieline.agents.ppo.training import train_actors

__all__ = ["Ippo", "Ppo", "train_actors"]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "Ippo": "tieline.agents.ppo.team",
        "Ppo": "tieline.agents.ppo.single",
        "train_actors": "tieline.agents.ppo.training",
    },
)
