"""What a battery decision is told: the state of now, and everything that does not fit the feeder and its day."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import Field

from tieline.service.decisions.states import wrong_names
from tieline.settings import Settings
from tieline.studies.battery.world.question import Question
from tieline.wording import FieldProblem

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
) -> Iterator[FieldProblem]:
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
        text = f"hour {situation.hour:g} is not the beginning of a step of {minutes:g} minutes."
        yield FieldProblem("hour", text)
        return
    yield from _wrong_series(whole, situation)


def _out_of_range(
    whole: Question, stored_kwh: Mapping[str, float]
) -> Iterator[FieldProblem]:
    batteries = whole.plant.batteries
    for k, name in enumerate(batteries.names):
        low = batteries.stored_min_kwh[k]
        high = batteries.stored_max_kwh[k]
        if name in stored_kwh and not low <= stored_kwh[name] <= high:
            text = f"stored_kwh of {name} is {stored_kwh[name]:g}, outside its limits {low:g} to {high:g} kWh."
            yield FieldProblem("stored_kwh", text)


def _wrong_series(whole: Question, situation: BatteryState) -> Iterator[FieldProblem]:
    """Series of unknown names, and of another length than there are steps to midnight."""
    yield from _unknown_series(whole, situation)
    n_steps = whole.day.n_steps - first_step(whole, situation)
    for field, name, values in _series(situation):
        if len(values) != n_steps:
            text = f"{name} has {len(values)} steps; from hour {situation.hour:g} to midnight there are {n_steps}."
            yield FieldProblem(field, text)


def _unknown_series(whole: Question, situation: BatteryState) -> Iterator[FieldProblem]:
    plant = whole.plant
    if isinstance(situation.load_pu, dict):
        loads = [load.name for load in plant.feeder.loads]
        yield from wrong_names("load_pu", loads, situation.load_pu)
    loan = situation.loan
    if loan is not None:
        names = plant.batteries.names
        yield from wrong_names("loan.owed_kw", names, loan.owed_kw, True)
        yield from wrong_names("loan.lent_kw", names, loan.lent_kw, True)


def _series(situation: BatteryState) -> Iterator[tuple[str, str, Sequence[float]]]:
    """All series of a state: the field, what it is called, and its values."""
    for field in ("price", "sun", "load_pu"):
        told = getattr(situation, field)
        if isinstance(told, dict):
            yield from _by_name(field, field, told)
        elif told is not None:
            yield field, field, told
    if situation.loan is not None:
        yield from _by_name("loan", "loan.owed_kw", situation.loan.owed_kw)
        yield from _by_name("loan", "loan.lent_kw", situation.loan.lent_kw)


def _by_name(
    field: str, what: str, series: Mapping[str, Series]
) -> Iterator[tuple[str, str, Sequence[float]]]:
    for name, values in series.items():
        yield field, f"{what} of {name}", values
