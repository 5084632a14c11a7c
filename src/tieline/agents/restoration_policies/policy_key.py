"""`PolicyKey`: what a policy was made for, so that it is used for nothing else."""

from __future__ import annotations

from typing import ClassVar

from tieline.agents.restoration_policies.departure import Base
from tieline.agents.sealed_key import SealedKey
from tieline.envs.restoration.world import RestorationWorld


class PolicyKey(SealedKey):
    """What must agree.

    Attributes:
        island: its name.
        steps, step_minutes: of the horizon.
        loads: their names, in order.
        units: names of droop units, turbines, batteries and renewables, in order.
        base: what the policy's numbers depart from.
    """

    LISTS: ClassVar[frozenset[str]] = frozenset({"loads", "units"})
    OWNER: ClassVar[str] = "the island"
    REMEDY: ClassVar[str] = "Train one for this island: tieline train restoration."

    island: str
    steps: int
    step_minutes: int
    loads: tuple[str, ...]
    units: tuple[str, ...]
    base: Base

    @classmethod
    def of(cls, world: RestorationWorld, base: Base) -> PolicyKey:
        """The key of a world."""
        plant = world.plant
        return cls(
            island=plant.feeder.name,
            steps=world.config.steps,
            step_minutes=world.config.step_minutes,
            loads=tuple(load.name for load in plant.feeder.loads),
            units=(
                *plant.units.names,
                *plant.generators.names,
                *plant.batteries.names,
                *plant.renewables.names,
            ),
            base=base,
        )
