"""What a training for the reserve study can be asked."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tieline.agents.ddpg_config import PRESETS, DdpgConfig
from tieline.envs.reserve.config import ReserveEnvConfig
from tieline.studies.training_config import TrainingConfig


class ReserveTrainingConfig(ReserveEnvConfig, TrainingConfig):
    """Train policies that split a reserve request."""

    preset: Literal["default", "paper"] = Field(
        default="default",
        description="Settings of DDPG: tieline's own, or those published.",
    )
    tensorboard: str | None = Field(
        default=None,
        description="New folder for the learning curves as TensorBoard files.",
    )
    ddpg: DdpgConfig | None = Field(
        default=None, description="Settings of DDPG in full, in place of a preset."
    )

    @property
    def settings(self) -> DdpgConfig:
        """Settings of DDPG: those given in full, or the preset's."""
        return self.ddpg or PRESETS[self.preset]

    @property
    def environment(self) -> ReserveEnvConfig:
        """The part that says what is decided."""
        # fields of the training are left behind: a policy fits whatever has the same environment
        values = {name: getattr(self, name) for name in ReserveEnvConfig.model_fields}
        return ReserveEnvConfig(**values)
