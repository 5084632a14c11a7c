"""What a battery decision is told: the state of now, and everything that does not fit the feeder and its day."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import Field

from tieline.service.decisions.states import wrong_names
from tieline.settings import Settings
from tieline.studies.battery.world.question import Question

WHOLE = 1e-9
"""How far from a whole number of steps an hour may be by rounding."""

Power = Annotated[float, Field(ge=0)]
Series = tuple[float, ...]


class LoanState(Settings):
    """What batteries owe in each step from now to midnight; those that owe nothing may be left out."""

    owed_kw: dict[str, tuple[Power, ...]] = Field(
        description="Charge that a battery owes to its region or another, by battery [kW]."
    )
    lent_kw: dict[str, tuple[Power, ...]] = Field(
        default_factory=dict,
        description="The part of it that is lent, by battery [kW].",
    )


class BatteryState(Settings):
    """What is known when a step is decided."""

    hour: float = Field(ge=0, lt=24, description="Local hour at which it begins [h].")
    stored_kwh: dict[str, float] = Field(description="By battery [kWh].")
    lent_kwh: dict[str, Power] = Field(
        default_factory=dict, description="Lent since midnight, by bus [kWh]."
    )
    loan: LoanState | None = Field(
        default=None, description="As it was decided; a new one is, if left out."
    )
    price: Series | None = Field(
        default=None, description="Of energy, each step to midnight [currency/kWh]."
    )
    sun: tuple[Annotated[float, Field(ge=0, le=1)], ...] | None = Field(
        default=None, description="Power of PV, as a share of rated."
    )
    load_pu: Series | dict[str, Series] | None = Field(
        default=None,
        description="Load as a share of nominal: of all loads, or by load.",
    )


LEAST = {"hour": 0.0, "stored_kwh": {}}
"""The least state that the model takes."""


def first_step(whole: Question, situation: BatteryState) -> int:
    """Number of the step of the day that is decided."""
    return round(situation.hour / whole.day.hours)


def misfits(
    whole: Question, situation: BatteryState, fields: Collection[str]
) -> Iterator[str]:
    """What does not fit the feeder and its day, of the fields that are named; `whole` is the question of that day."""
    names = whole.plant.batteries.names
    if "stored_kwh" in fields:
        stored_kwh = situation.stored_kwh
        yield from wrong_names("stored_kwh", names, stored_kwh)
        yield from _out_of_range(whole, stored_kwh)
    yield from wrong_names("lent_kwh", whole.plant.bus_names, situation.lent_kwh, True)
    if "hour" not in fields:
        # without it nobody knows how many steps are left
        return
    step = situation.hour / whole.day.hours
    is_beginning = abs(step - round(step)) <= WHOLE
    if not is_beginning or round(step) >= whole.day.n_steps:
        minutes = 60 * whole.day.hours
        yield f"hour {situation.hour:g} is not the beginning of a step of {minutes:g} minutes."
        return
    yield from _wrong_series(whole, situation)


def _out_of_range(whole: Question, stored_kwh: Mapping[str, float]) -> Iterator[str]:
    batteries = whole.plant.batteries
    for k, name in enumerate(batteries.names):
        low = batteries.stored_min_kwh[k]
        high = batteries.stored_max_kwh[k]
        if name in stored_kwh and not low <= stored_kwh[name] <= high:
            yield (
                f"stored_kwh of {name} is {stored_kwh[name]:g}, outside its limits {low:g} to {high:g} kWh."
            )


def _wrong_series(whole: Question, situation: BatteryState) -> Iterator[str]:
    n_steps = whole.day.n_steps - first_step(whole, situation)
    series: dict[str, Sequence[float] | None] = {
        "price": situation.price,
        "sun": situation.sun,
    }
    if isinstance(situation.load_pu, dict):
        loads = [load.name for load in whole.plant.feeder.loads]
        yield from wrong_names("load_pu", loads, situation.load_pu)
        series |= _within("load_pu", situation.load_pu)
    else:
        series["load_pu"] = situation.load_pu
    if situation.loan is not None:
        for field in ("owed_kw", "lent_kw"):
            powers = getattr(situation.loan, field)
            yield from wrong_names(
                f"loan.{field}", whole.plant.batteries.names, powers, True
            )
            series |= _within(f"loan.{field}", powers)
    for name, values in series.items():
        if values is not None and len(values) != n_steps:
            yield f"{name} has {len(values)} steps; from hour {situation.hour:g} to midnight there are {n_steps}."


def _within(field: str, values: Mapping[str, Series]) -> dict[str, Sequence[float]]:
    return {f"{field} of {name}": series for name, series in values.items()}
