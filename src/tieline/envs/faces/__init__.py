"""Faces: the environments as other packages' trainers want them.

    gymnasium_env      `GymnasiumEnv`: one episode at a time
    gymnasium_vector   `GymnasiumVectorEnv`: many side by side
    pettingzoo_env     `PettingZooEnv`: one entry per agent
    stable_baselines   `StableBaselinesVecEnv`: many side by side, for Stable-Baselines3; `ModelDecider`: what it trained
    rendering          what all of them show of an episode, as text or as a picture

Importing this package registers every task of the catalogue with Gymnasium: "reserve" as `tieline/Reserve-v0`. The faces need the
extra `envs`, the last one Stable-Baselines3.
"""

from typing import TYPE_CHECKING

from tieline.envs.faces.gymnasium_env import GymnasiumEnv
from tieline.envs.faces.gymnasium_vector import GymnasiumVectorEnv
from tieline.envs.faces.registry import gymnasium_id, register_tasks
from tieline.lazy_face import lazy_face

if TYPE_CHECKING:
    from tieline.envs.faces.pettingzoo_env import PettingZooEnv
    from tieline.envs.faces.stable_baselines import ModelDecider, StableBaselinesVecEnv

__all__ = [
    "GymnasiumEnv",
    "GymnasiumVectorEnv",
    "ModelDecider",
    "PettingZooEnv",
    "StableBaselinesVecEnv",
    "gymnasium_id",
    "register_tasks",
]

# Each needs a package of its own, which users of the other faces may do without.
__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "ModelDecider": "tieline.envs.faces.stable_baselines",
        "PettingZooEnv": "tieline.envs.faces.pettingzoo_env",
        "StableBaselinesVecEnv": "tieline.envs.faces.stable_baselines",
    },
)

register_tasks()
