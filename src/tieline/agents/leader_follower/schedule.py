"""What changes while actors learn: rate, weight of the entropy, floor of the tracing constraint, by the part of the games."""

from __future__ import annotations

import numpy as np

from tieline.agents.leader_follower.config import LeaderFollowerConfig
from tieline.agents.leader_follower.losses import Pressure


def pressure_at(config: LeaderFollowerConfig, share: float) -> Pressure:
    """What weighs after a part of the games, 0 to 1."""
    of_entropy = max(1.0 - share / config.entropy_until, 0.0)
    of_tracing = min(share / config.tracing_until, 1.0)
    return Pressure(
        rate=config.rate * _falling(share, config.final_rate_share),
        entropy=config.entropy * of_entropy,
        psi=of_tracing * float(np.log(config.tracing_floor)),
    )


def _falling(share: float, lowest: float) -> float:
    """From 1 to `lowest` as a cosine: the last policy is the one that is kept, so it must have come to rest."""
    half_wave = (1.0 + float(np.cos(np.pi * share))) / 2.0
    return lowest + (1.0 - lowest) * half_wave
