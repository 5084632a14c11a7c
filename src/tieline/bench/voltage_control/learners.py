"""Who is trained: PPO and SAC of Stable-Baselines3 through tieline's face, and tieline's own DDPG.

What is decided in a step changes nothing later, as no regulator acts. A learner that is told so (discount 0) has only its own
step's reward to explain; with the usual discount of 0.99 the rewards of a hundred later steps are noise to it.
"""

from __future__ import annotations

from dataclasses import replace

from tieline.agents.ddpg_config import DdpgConfig
from tieline.bench.kit.trainings import Ddpg, Learner, StableBaselines

DISCOUNT = 0.0

NETWORK = {"policy_kwargs": {"net_arch": [128, 128]}, "learning_rate": 1e-3}
"""Twice the width and three times the rate of Stable-Baselines3's defaults, because a step explains itself."""


PPO = Learner(
    "PPO",
    "Stable-Baselines3, 64 days side by side, two layers of 128, learning rate 0.001, discount 0",
    "stable_baselines3",
    "sb3",
    steps=150_000,
    train=StableBaselines(
        "PPO",
        64,
        {
            "n_steps": 96,
            "batch_size": 512,
            "gamma": DISCOUNT,
            "gae_lambda": DISCOUNT,
            **NETWORK,
        },
    ),
)

PPO_USUAL = replace(
    PPO,
    name="PPO, usual discount",
    words="Stable-Baselines3's own settings, discount 0.99 among them, 64 days side by side",
    train=StableBaselines("PPO", 64, {"n_steps": 96, "batch_size": 512}),
)

SAC = Learner(
    "SAC",
    "Stable-Baselines3, 32 days side by side, 8 updates for each step of all of them, two layers of 128, learning rate 0.001, "
    "discount 0",
    "stable_baselines3",
    "sb3",
    steps=15_000,
    train=StableBaselines(
        "SAC",
        32,
        {
            "gamma": DISCOUNT,
            "gradient_steps": 8,
            "learning_starts": 3_000,
            **NETWORK,
        },
    ),
)

DDPG = Learner(
    "DDPG",
    "tieline's own settings, but discount 0 and half the exploration",
    "jax",
    "learn",
    steps=48_000,
    train=Ddpg(DdpgConfig(discount=DISCOUNT, noise=1.0)),
)

LEARNERS = (PPO, PPO_USUAL, SAC, DDPG)
