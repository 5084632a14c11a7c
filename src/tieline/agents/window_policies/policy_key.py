"""`PolicyKey`: what policies were made for, so that they are used for nothing else."""

from __future__ import annotations

from typing import ClassVar

from tieline.agents.sealed_key import SealedKey
from tieline.agents.window_policies.inputs import Eyes


class PolicyKey(SealedKey):
    """What must agree.

    Attributes:
        feeder: its name.
        microgrids: names, in order.
        window_steps, step_minutes: of a window.
        inputs: names of what each agent sees, (microgrid)(entry).
        ders: names of what each agent sets, (microgrid)(der).
        ratings: by which its numbers are counted, (microgrid)(number) [kW, kvar].
    """

    LISTS: ClassVar[frozenset[str]] = frozenset({"inputs", "ders", "ratings"})
    OWNER: ClassVar[str] = "the agents"
    REMEDY: ClassVar[str] = "Train policies for this feeder: tieline train microgrids."

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
