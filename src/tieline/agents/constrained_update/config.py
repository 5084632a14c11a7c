"""Settings of one update."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tieline.agents.constrained_update.fisher import DAMPING
from tieline.settings import Settings


class UpdateConfig(Settings):
    """Settings of an update."""

    delta: float = Field(
        default=0.01,
        gt=0,
        description="Size of each agent's trust region: mean KL divergence.",
    )
    metric: Literal["exact", "layers"] = Field(
        default="exact",
        description="Fisher matrix: exact by conjugate gradients, or layer by layer (Kronecker), for many constraints.",
    )
    metric_samples: int | None = Field(
        default=None,
        ge=1,
        description="Samples that the Fisher matrix is the mean of, picked evenly; all if not given.",
    )
    curvature: float = Field(
        default=1.0,
        gt=0,
        description="True divergence of a step over what the metric says of it: the program's trust region is smaller by it.",
    )
    damping: float = Field(
        default=DAMPING, gt=0, description="Added to the diagonal of the Fisher matrix."
    )
    cg_tolerance: float = Field(
        default=1e-6,
        gt=0,
        description="Residual of conjugate gradients, as a part of the right-hand side.",
    )
    cg_steps: int = Field(
        default=200, ge=1, description="Steps of conjugate gradients at most."
    )
    margin: float = Field(
        default=0.0,
        ge=0,
        description="How far inside its limits a step aims, in the unit of the constraints: room for what they bend by. "
        "Without any, updates come to rest where a limit is met exactly, as every step along it breaks it a little.",
    )
    largest_spread: float | None = Field(
        default=None,
        gt=0,
        description="Largest standard deviation of any action that all agents know of each other, in the unit of the actions. "
        "Which constraints can be reached is then worked out from what is public; if not given, from each agent's own noise and "
        "covariance. Larger deviations do no harm that the true returns would not show.",
    )
    shortening: float = Field(
        default=0.7,
        gt=0,
        lt=1,
        description="What a step that does not hold is multiplied by.",
    )
    tries: int = Field(
        default=12, ge=1, description="Parts of a step that are looked at."
    )
