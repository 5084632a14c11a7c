"""What may break: seven kinds of limits, and the named profiles of their numbers.

A profile is a row of the table below; a setting overrides one number of it or switches it off. Voltage limits hold at every
voltage point of the feeder, loading where a rating is known, unbalance at buses with three phases, reverse power at the source,
neutral-to-earth voltage (NEV) at every neutral conductor. No profile limits the last: how much may be touched is a matter of
national rules and of the place.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Literal

LimitProfile = Literal[
    "standard", "high-voltage-only", "high-voltage-tight", "ansi-a", "disco", "en50160"
]

STANDARD = "standard"
"""The profile whose numbers a feeder gives (`feeders.limits`): it has no row in the table."""

PER_BUS = "feeder"
"""The profile of an optimal power flow that keeps what each bus states."""


@dataclass(frozen=True)
class Limits:
    """The number of each limit; None switches it off.

    `highest_pu`, `lowest_pu`: highest and lowest voltage [pu]; `line_pct`, `transformer_pct`: loading [% of rating];
    `unbalance_pct`: |V2| / |V1| [%]; `reverse_kw`: power from the feeder into the source [kW]; `neutral_v`: of a neutral
    conductor to earth [V].
    """

    highest_pu: float | None = None
    lowest_pu: float | None = None
    line_pct: float | None = None
    transformer_pct: float | None = None
    unbalance_pct: float | None = None
    reverse_kw: float | None = None
    neutral_v: float | None = None

    @property
    def kinds(self) -> tuple[LimitKind, ...]:
        """The kinds that are on."""
        return tuple(kind for kind in KINDS if getattr(self, kind.field) is not None)

    @property
    def band_pu(self) -> tuple[float, float]:
        """Lowest and highest voltage [pu]; 0 and infinity where there is no limit."""
        low = 0.0 if self.lowest_pu is None else self.lowest_pu
        high = math.inf if self.highest_pu is None else self.highest_pu
        return low, high

    @property
    def words(self) -> str:
        """Every number that is on, as a list in a sentence; "no limit" if none is."""
        voltages = [kind for kind in self.kinds if kind.is_voltage]
        further_kinds = [kind for kind in self.kinds if not kind.is_voltage]
        parts = [self._words_of(kind) for kind in further_kinds]
        if len(voltages) == 1:
            parts.insert(0, self._words_of(voltages[0]))
        if len(voltages) == 2:
            parts.insert(
                0, f"voltage from {self.lowest_pu:g} to {self.highest_pu:g} pu"
            )
        return ", ".join(parts) or "no limit"

    def _words_of(self, kind: LimitKind) -> str:
        side = "up to" if kind.side > 0 else "down to"
        return f"{kind.words} {side} {self.number(kind):g} {kind.unit}"

    def number(self, kind: LimitKind) -> float:
        """The number of a kind that is on, in its unit."""
        value = getattr(self, kind.field)
        assert value is not None  # asked of `kinds` only
        return float(value)


@dataclass(frozen=True)
class LimitKind:
    """One kind: its name in results, its field in `Limits` and its column in tables, unit, words for a sentence, and on which
    side of the number it breaks (+1 above, -1 below).
    """

    name: str
    field: str
    column: str
    unit: str
    words: str
    side: int = 1

    @property
    def is_voltage(self) -> bool:
        """Whether it is read at voltage points."""
        return self.unit == "pu"


KINDS = (
    LimitKind("voltage-high", "highest_pu", "v_high_pu", "pu", "high voltage"),
    LimitKind("voltage-low", "lowest_pu", "v_low_pu", "pu", "low voltage", side=-1),
    LimitKind("line-loading", "line_pct", "line_loading_pct", "%", "line loading"),
    LimitKind(
        "transformer-loading",
        "transformer_pct",
        "transformer_loading_pct",
        "%",
        "transformer loading",
    ),
    LimitKind("unbalance", "unbalance_pct", "unbalance_pct", "%", "voltage unbalance"),
    LimitKind(
        "reverse-power", "reverse_kw", "reverse_kw", "kW", "reverse power at the source"
    ),
    LimitKind(
        "neutral-voltage", "neutral_v", "neutral_v", "V", "neutral-to-earth voltage"
    ),
)

PROFILES: dict[str, Limits] = {
    # M. Al-Saffar, PhD thesis, University of Alberta, ch. 3: a bus is critical above 1.05 pu; nothing else is looked at.
    "high-voltage-only": Limits(highest_pu=1.05),
    # The same thesis, 4.4.2: the 33-bus feeder is small, so a lower threshold than the usual 1.05 pu is looked at.
    "high-voltage-tight": Limits(highest_pu=1.045),
    # ANSI C84.1, service voltage, range A.
    "ansi-a": Limits(highest_pu=1.05, lowest_pu=0.95),
    # Thresholds that NREL's hosting-capacity tool disco comes with: momentary loading; its moving average is left out.
    "disco": Limits(
        highest_pu=1.05, lowest_pu=0.95, line_pct=150.0, transformer_pct=150.0
    ),
    # EN 50160: supply voltage within 10 % of nominal, negative sequence up to 2 % of the positive one. Its 95 % of the ten-minute
    # means of a week is read as every step.
    "en50160": Limits(highest_pu=1.10, lowest_pu=0.90, unbalance_pct=2.0),
}

LIMIT_FIELDS = tuple(field.name for field in fields(Limits))


def kind_of(name: str) -> LimitKind:
    """The kind of that name in results."""
    return next(kind for kind in KINDS if kind.name == name)


def words_of(field: str) -> str:
    """What the limit of that field in `Limits` is called in a sentence."""
    return next(kind.words for kind in KINDS if kind.field == field)
