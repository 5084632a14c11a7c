"""Who is trained on tasks of a day in half hours: tieline's PPO, and PPO and SAC of Stable-Baselines3."""

from __future__ import annotations

from tieline.agents.ppo_config import PpoConfig
from tieline.bench.kit.trainings import Learner, Ppo, StableBaselines

STEPS = 600_000
"""Of a training: about half a million half hours are seen before the learning curves are flat."""

OWN = Ppo(
    PpoConfig(
        hidden=(128, 128),
        discount=0.995,
        rate=1e-3,
        spread=0.3,
        epochs=4,
        batch=1536,
        head="clip",
    )
)

OWN_PPO = Learner(
    "PPO",
    "tieline's, 128 days side by side, two layers of 128, discount 0.995",
    "jax",
    "learn",
    STEPS,
    OWN,
)

SB3_PPO = Learner(
    "PPO of SB3",
    "Stable-Baselines3, 128 days side by side, two layers of 128, discount 0.995",
    "stable_baselines3",
    "sb3",
    STEPS,
    StableBaselines(
        "PPO",
        128,
        {
            "n_steps": 48,
            "batch_size": 512,
            "gamma": 0.995,
            "policy_kwargs": {"net_arch": [128, 128]},
        },
    ),
)

SAC = Learner(
    "SAC of SB3",
    "Stable-Baselines3, 32 days side by side, 8 updates for each step of all of them, two layers of 128, discount 0.995",
    "stable_baselines3",
    "sb3",
    15_000,
    StableBaselines(
        "SAC",
        32,
        {
            "gamma": 0.995,
            "gradient_steps": 8,
            "learning_starts": 3_000,
            "learning_rate": 1e-3,
            "policy_kwargs": {"net_arch": [128, 128]},
        },
    ),
)
