"""`PolicyKey`: what policies were made for, so that they are used for nothing else."""

from __future__ import annotations

from dataclasses import dataclass, fields

from tieline.agents.window_policies.inputs import Eyes
from tieline.errors import InputError


@dataclass(frozen=True)
class PolicyKey:
    """What must agree.

    Attributes:
        feeder: its name.
        microgrids: names, in order.
        window_steps, step_minutes: of a window.
        inputs: names of what each agent sees, (microgrid)(entry).
        ders: names of what each agent sets, (microgrid)(der).
        ratings: by which its numbers are counted, (microgrid)(number) [kW, kvar].
    """

    feeder: str
    microgrids: tuple[str, ...]
    window_steps: int
    step_minutes: float
    inputs: tuple[tuple[str, ...], ...]
    ders: tuple[tuple[str, ...], ...]
    ratings: tuple[tuple[float, ...], ...]

    @classmethod
    def of(cls, eyes: Eyes, window_steps: int, step_h: float) -> PolicyKey:
        """The key of a plant's agents."""
        plant = eyes.plant
        der_names = [der.name for der in plant.network.feeder.ders]
        ders = []
        numbers = []
        for control in eyes.controls:
            # Q is set of every device, P of some: these are all that an agent sets
            ders.append(tuple(der_names[k] for k in control.q_ders))
            numbers.append(tuple(float(unit) for unit in control.unit))
        return cls(
            feeder=plant.network.feeder.name,
            microgrids=tuple(microgrid.name for microgrid in plant.microgrids),
            window_steps=window_steps,
            step_minutes=60 * step_h,
            inputs=eyes.observer.names(window_steps),
            ders=tuple(ders),
            ratings=tuple(numbers),
        )

    def require_same(self, asked_key: PolicyKey) -> None:
        """Raises `InputError` naming all that differs from what policies are asked for."""
        differences = []
        for field in fields(self):
            trained_for = getattr(self, field.name)
            asked_for = getattr(asked_key, field.name)
            if trained_for != asked_for:
                differences.append(_difference(field.name, trained_for, asked_for))
        if differences:
            raise InputError(
                f"The policies were trained for something else: {'; '.join(differences)}. Train policies for this feeder: "
                "tieline train microgrids."
            )


def _difference(name: str, trained_for: object, asked_for: object) -> str:
    # lists of dozens of names would hide the rest of the message
    if name in ("inputs", "ders", "ratings"):
        return f"{name} of the agents"
    return f"{name} {trained_for}, asked {asked_for}"
