"""How a configuration asks for limits: a profile by name, and a field for each number that overrides it.

A number is the one that is given, else that of the profile, else `BESIDE_PROFILE`: a study whose answer rests on ratings judges
them at 100 % although no voltage standard speaks of loading. The profile `standard` has no numbers before the feeder is known:
`feeders.limits.with_limits_of` puts them in, and whoever asks for them earlier is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from tieline.errors import InputError
from tieline.settings.base import Settings
from tieline.settings.fields import LINE_RATING_A
from tieline.settings.limits import (
    LIMIT_FIELDS,
    PROFILES,
    STANDARD,
    LimitProfile,
    Limits,
)

Off = Literal["off"]
AskedLimit = float | Off | None
"""A number in the unit of the field; off; None for that of the profile."""


def limits_field(default: str = STANDARD, further: str = "") -> Any:
    """Which profile of limits; `further` says what a study offers beside the profiles."""
    return Field(
        default=default,
        description="Profile of limits: standard (what the buses state, else ansi-a at 60 Hz and en50160 at 50 Hz; loading up to "
        "100 %), high-voltage-only (1.05 pu), high-voltage-tight (1.045 pu), ansi-a (0.95 to 1.05 pu), "
        "disco (ansi-a, loading up to 150 %) or en50160 (0.9 to 1.1 pu, unbalance up to 2 %); what a study does not judge has "
        f"no effect.{further}",
    )


HIGHEST_PU: AskedLimit = Field(
    default=None,
    description="Highest voltage [pu], or off; that of --limits if not given.",
)
LOWEST_PU: AskedLimit = Field(
    default=None,
    description="Lowest voltage [pu], or off; that of --limits if not given.",
)
LINE_PCT: AskedLimit = Field(
    default=None,
    description="Highest line loading [% of rating], or off; that of --limits if not given.",
)
TRANSFORMER_PCT: AskedLimit = Field(
    default=None,
    description="Highest transformer loading [% of rating], or off; that of --limits if not given.",
)
UNBALANCE_PCT: AskedLimit = Field(
    default=None,
    description="Highest voltage unbalance V2/V1 [%], or off; that of --limits if not given.",
)
REVERSE_KW: AskedLimit = Field(
    default=None,
    description="Most power from the feeder into the source [kW], or off; that of --limits if not given.",
)

NEUTRAL_V: AskedLimit = Field(
    default=None,
    description="Highest neutral-to-earth voltage [V], or off; that of --limits if not given.",
)

MOST_PU = 2.0
"""Twice the rated voltage: no feeder is run beyond it, so whoever writes a larger number has thought of %."""

FULL_RATING = Limits(line_pct=100.0, transformer_pct=100.0)
"""For `BESIDE_PROFILE` of a study whose answer rests on ratings."""


class LimitSettings(Settings):
    """Part of a configuration that has `limits` and a field for each limit it judges."""

    JUDGED: ClassVar[tuple[str, ...]] = LIMIT_FIELDS
    """Limits that are looked at; each is a field of the configuration."""

    NEEDED: ClassVar[tuple[str, ...]] = ()
    """Limits without which there is no answer: they cannot be off."""

    BESIDE_PROFILE: ClassVar[Limits] = Limits()
    """Numbers of the limits that a profile says nothing of."""

    PUBLISHED: ClassVar[Mapping[str, LimitProfile]] = {}
    """What `standard` means on a bundled feeder on which the study has a published case, by the feeder's name."""

    LIMITS_BY_BUS: ClassVar[bool] = False
    """Whether every bus may have a band of its own; the others judge all buses by one."""

    @property
    def profile_name(self) -> str:
        """The profile that is asked for."""
        return getattr(self, "limits")  # noqa: B009 (a field of the configuration)

    @property
    def limit_numbers(self) -> Limits:
        """The numbers of the limits that are judged; raises `InputError` if only a feeder could say them."""
        if self.needs_feeder:
            raise InputError(
                f"Limits '{STANDARD}' have no numbers before a feeder is known. Ask `tieline.feeders.limits.with_limits_of` for "
                "the configuration on that feeder."
            )
        return self._numbers

    @property
    def needs_feeder(self) -> bool:
        """Whether a feeder must say some of the numbers."""
        unsaid = [name for name in self.JUDGED if getattr(self, name) is None]
        return self.profile_name == STANDARD and bool(unsaid)

    @property
    def _numbers(self) -> Limits:
        """The numbers that are known without a feeder."""
        return Limits(**{name: self._number(name) for name in self.JUDGED})

    @property
    def _profile(self) -> Limits:
        """The numbers of the profile; one that a study adds of its own has none here."""
        return PROFILES.get(self.profile_name, Limits())

    def _number(self, name: str) -> float | None:
        number = getattr(self, name)
        if number == "off":
            return None
        if number is not None:
            return number
        of_profile = getattr(self._profile, name)
        if of_profile is None:
            return getattr(self.BESIDE_PROFILE, name)
        return of_profile

    def _missing_limits(self, limits: Limits) -> Iterator[str]:
        """Limits without which there is no answer, and that have no number."""
        profile = self.profile_name
        for name in self.NEEDED:
            if getattr(self, name) == "off":
                yield f"{name} cannot be off here: the answer needs a number for it"
            # a profile that a study adds of its own has its numbers elsewhere
            elif profile in PROFILES and getattr(limits, name) is None:
                yield f"limits: {profile} says nothing of {name}, and the answer needs a number. Give {name}, or another profile"

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        problems = list(self._problems())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _problems(self) -> Iterator[str]:
        """Everything that does not fit together; a configuration adds what it knows of its other fields."""
        limits = self._numbers
        yield from self._missing_limits(limits)
        if not limits.kinds and not self.NEEDED and not self.needs_feeder:
            yield "every limit is off: nothing can break. Leave at least one of them on"
        for kind in limits.kinds:
            number = limits.number(kind)
            if kind.field == "reverse_kw" and number < 0:
                yield f"reverse_kw ({number:g}) must be at least 0, or off"
            elif kind.field != "reverse_kw" and number <= 0:
                yield f"{kind.field} ({number:g}) must be above 0, or off"
            if kind.is_voltage and number > MOST_PU:
                yield f"{kind.field} ({number:g}) is per unit of the rated voltage: write {number / 100:g} for {number:g} %"
        low, high = limits.lowest_pu, limits.highest_pu
        if low is not None and high is not None and low >= high:
            yield f"lowest_pu ({low:g}) is not below highest_pu ({high:g}): no voltage would be allowed"


class EveryLimitSettings(LimitSettings):
    """The same of a configuration that judges every kind of limit."""

    limits: LimitProfile = limits_field()
    highest_pu: AskedLimit = HIGHEST_PU
    lowest_pu: AskedLimit = LOWEST_PU
    line_pct: AskedLimit = LINE_PCT
    transformer_pct: AskedLimit = TRANSFORMER_PCT
    unbalance_pct: AskedLimit = UNBALANCE_PCT
    reverse_kw: AskedLimit = REVERSE_KW
    neutral_v: AskedLimit = NEUTRAL_V
    line_rating_a: float | None = LINE_RATING_A


class BrokenBeforeSettings(Settings):
    """Part of a configuration whose study goes by the rule for what is broken before (`settings.broken_before`)."""

    BEFORE: ClassVar[str] = "Before"
    """How sentences on what is broken before begin, such as "Before PV is added"."""

    # one regulator that stands a little high would else leave a whole feeder without an answer
    broken_before: Literal["keep", "stop"] = Field(
        default="keep",
        description="Places that are outside a limit before what is studied happens: keep, they are named and must not get "
        "worse; stop, there is no answer (exit code 3).",
    )
