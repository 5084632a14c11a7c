"""`PolicyKey`: what a policy was made for, so that it is used for nothing else."""

from __future__ import annotations

from dataclasses import dataclass, fields

from tieline.agents.restoration_policies.departure import Base
from tieline.envs.restoration.world import RestorationWorld
from tieline.errors import InputError


@dataclass(frozen=True)
class PolicyKey:
    """What must agree.

    Attributes:
        island: its name.
        steps, step_minutes: of the horizon.
        loads: their names, in order.
        units: names of droop units, turbines, batteries and renewables, in order.
        base: what the policy's numbers depart from.
    """

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

    def require_same(self, asked_key: PolicyKey) -> None:
        """Raises `InputError` naming all that differs from what a policy is asked for."""
        differences = []
        for field in fields(self):
            trained_for = getattr(self, field.name)
            asked_for = getattr(asked_key, field.name)
            if trained_for != asked_for:
                differences.append(_difference(field.name, trained_for, asked_for))
        if differences:
            raise InputError(
                f"The policy was trained for something else: {'; '.join(differences)}. Train one for this island: "
                "tieline train restoration."
            )


def _difference(name: str, trained_for: object, asked_for: object) -> str:
    # lists of dozens of names would hide the rest of the message
    if name in ("loads", "units"):
        return f"{name} of the island"
    return f"{name} {trained_for}, asked {asked_for}"
