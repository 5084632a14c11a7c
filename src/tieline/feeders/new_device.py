"""`NewDevice`: a load or DER that somebody asked for by name, and everything that is wrong with it, told together."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tieline.errors import InputError, TielineError, unknown_name_message
from tieline.feeders.elements import Generator, Load, Pv, Storage
from tieline.feeders.placing import Site, find_site

if TYPE_CHECKING:
    from tieline.feeders.feeder import Feeder

DUST = 1e-9
"""Relative: a rating that was worked out from P and Q may miss them by rounding."""

FIELD_AND_WORD: dict[type, tuple[str, str]] = {
    Load: ("loads", "load"),
    Pv: ("pvs", "pv"),
    Storage: ("storages", "battery"),
    Generator: ("generators", "generator"),
}
"""Where a feeder keeps devices of a class, and what their names begin with."""


@dataclass(frozen=True)
class Power:
    """P and Q [kW, kvar]."""

    kw: float
    kvar: float

    @property
    def kva(self) -> float:
        """Apparent power [kVA]."""
        return math.hypot(self.kw, self.kvar)

    def share_within(self, rated_kva: float) -> float:
        """The share of it that a rating lets through, at the same power factor."""
        if self.kva <= rated_kva:
            return 1.0
        return rated_kva / self.kva


@dataclass
class NewDevice:
    """A device to be put on a feeder; each method looks at a part of what was asked and keeps what is wrong.

    Attributes:
        feeder, element: the feeder, and the class of the device.
        bus, phases, name: as in `Feeder.with_pv`.
        fields: further fields of the element, by name.
        problems: what is wrong so far, one sentence each.
    """

    feeder: Feeder
    element: type
    bus: str
    phases: int | Sequence[int] | None
    name: str | None
    fields: Mapping[str, Any]
    problems: list[str] = field(default_factory=list)

    def number(self, name: str, value: float | None, default: float) -> float:
        """A finite number, or the default where none is given."""
        if value is None:
            return default
        number = _finite(value)
        if number is None:
            self.problems.append(f"{name} must be a finite number; got {value!r}.")
            return default
        return number

    def rating(self, name: str, value: float | None, default: float = 0.0) -> float:
        """A number that is not below zero."""
        number = self.number(name, value, default)
        if number < 0:
            self.problems.append(f"{name} is a rating, 0 or above; got {number:g}.")
        return number

    def power(
        self,
        kw: float,
        kvar: float | None,
        pf: float | None,
        least_kw: float = -math.inf,
    ) -> Power:
        """P with its Q, which follows from the power factor unless it is given itself."""
        p_kw = self.number("kw", kw, 0.0)
        if p_kw < least_kw:
            self.problems.append(f"kw must be at least {least_kw:g}; got {p_kw:g}.")
        if kvar is not None and pf is not None:
            self.problems.append("kvar and pf are two ways to give Q. Give one.")
        if kvar is not None:
            return Power(p_kw, self.number("kvar", kvar, 0.0))
        factor = self.number("pf", pf, 1.0)
        if not 0 < abs(factor) <= 1:
            self.problems.append(
                f"pf must be above 0 and at most 1, or below 0 and at least -1; got {factor:g}."
            )
            factor = 1.0
        ratio = math.tan(math.acos(abs(factor)))
        return Power(p_kw, p_kw * math.copysign(ratio, factor))

    def require_room(self, power: Power, rated_kva: float) -> None:
        """P and Q together fit into a rating."""
        if power.kva > rated_kva * (1 + DUST):
            self.problems.append(
                f"{power.kw:g} kW and {power.kvar:g} kvar are {power.kva:.6g} kVA, more than kva={rated_kva:g}. "
                "Give a larger kva or less power."
            )

    def add(self, **values: Any) -> Feeder:
        """The feeder with the device behind those of its kind.

        Raises:
            InputError: with all that is wrong.
        """
        site = self._site()
        name = self._free_name()
        self._check_fields(values)
        if site is None or self.problems:
            head = f"No {self._word} was put on feeder '{self.feeder.name}':"
            lines = [f"  {problem}" for problem in self.problems]
            raise InputError("\n".join([head, *lines]))
        # who states a node, a connection or a rated voltage knows better than the bus
        stated = {**site._asdict(), **values, **self.fields}
        device = self.element(name=name, **stated)
        devices = getattr(self.feeder, self._field)
        return self.feeder.replace(**{self._field: (*devices, device)})

    @property
    def _field(self) -> str:
        return FIELD_AND_WORD[self.element][0]

    @property
    def _word(self) -> str:
        return FIELD_AND_WORD[self.element][1]

    def _site(self) -> Site | None:
        """Where it hangs; None if it cannot hang there."""
        try:
            return find_site(self.feeder, self._place())
        except TielineError as error:
            self.problems.append(str(error))
            return None

    def _place(self) -> str:
        """The bus with the phases behind it; the bus alone where all are meant."""
        if self.phases is None:
            return self.bus
        phases = self.phases
        if isinstance(phases, int):
            phases = (phases,)
        is_list = isinstance(phases, Sequence) and len(phases) > 0
        if not is_list or not all(isinstance(phase, int) for phase in phases):
            raise InputError(
                f"phases must be a phase or a list of phases, such as 2 or (1, 3); got {self.phases!r}."
            )
        bus = self.feeder.bus(self.bus).name
        return ".".join([bus, *map(str, phases)])

    def _free_name(self) -> str:
        """The name that was asked for, or a new one that says where the device is."""
        names = {device.name for device in getattr(self.feeder, self._field)}
        if self.name is not None:
            key = str(self.name).strip().lower()
            if not key:
                self.problems.append(
                    "Its name is empty. Give one, or leave name out: then it says where the device is."
                )
            if key in names:
                self.problems.append(
                    f"There is a {self._word} called '{key}' already. Choose another name, or take that one out with "
                    f"without('{key}')."
                )
            return key
        place = str(self.bus).strip().lower()
        candidate = f"{self._word}_{place}"
        n_tried = 1
        while candidate in names:
            n_tried += 1
            candidate = f"{self._word}_{place}_{n_tried}"
        return candidate

    def _check_fields(self, values: Mapping[str, Any]) -> None:
        """Further fields are fields of the element, and say nothing that was said already."""
        names = [field.name for field in dataclasses.fields(self.element)]
        free = [name for name in names if name not in (*values, "name", "bus")]
        for name in self.fields:
            if name in values:
                self.problems.append(
                    f"{name} follows from kw, kvar, pf and the ratings. Leave it out."
                )
            elif name not in free:
                where = f"of a {self._word}"
                self.problems.append(unknown_name_message("field", name, free, where))


def _finite(value: Any) -> float | None:
    """A number as a float, also one of NumPy; None for anything else."""
    if isinstance(value, str | bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
