"""Faces: the environments as other packages' trainers want them.

    gymnasium_env      `GymnasiumEnv`: one episode at a time
    gymnasium_vector   `GymnasiumVectorEnv`: many side by side
    pettingzoo_env     `PettingZooEnv`: one entry per agent
    stable_baselines   `StableBaselinesVecEnv`: many side by side, for Stable-Baselines3

Importing this package registers every task of the catalogue with Gymnasium: "reserve" as `tieline/Reserve-v0`. The faces need the
extra `envs`, the last one Stable-Baselines3.
"""

from tieline.envs.faces.gymnasium_env import GymnasiumEnv
from tieline.envs.faces.gymnasium_vector import GymnasiumVectorEnv
from tieline.envs.faces.registry import gymnasium_id, register_tasks

__all__ = ["GymnasiumEnv", "GymnasiumVectorEnv", "gymnasium_id", "register_tasks"]

register_tasks()
