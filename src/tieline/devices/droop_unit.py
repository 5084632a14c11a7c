"""Droop units: grid-forming generators that hold voltage and frequency of an island together.

    V = V* - n (Q - Q*),      f = f* - m (P - P*)

with slopes n, m >= 0. P and Q are what the island asks for, never a decision; what can be decided are the set-points. Where
several units stand in one island they share its frequency, and with it the load, by their slopes. Transients between two steady
states, and an inverter's current limit in a fault, are left out.

Source: the primary control of J. M. Guerrero, J. C. Vasquez, J. Matas, L. Garcia de Vicuna, M. Castilla, "Hierarchical control of
droop-controlled AC and DC microgrids - a general approach toward standardization", IEEE Trans. Ind. Electron. 58(1), 2011.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tieline.devices.checks import require
from tieline.devices.generator import Generators
from tieline.errors import InputError
from tieline.feeders.islands.config import DroopUnitSettings
from tieline.typing import BoolArray, FloatArray, IntArray

KILO = 1e3
"""Slopes are stated per MW and Mvar, powers in kW and kvar."""


class DroopSettings(NamedTuple):
    """The law of each unit, (scenario or 1, unit) or (unit,).

    `v_set_pu` at `q_set_kvar`, falling by `v_droop_pu_per_mvar`; `f_set_hz` at `p_set_kw`, falling by `f_droop_hz_per_mw`.
    """

    v_set_pu: FloatArray
    q_set_kvar: FloatArray
    v_droop_pu_per_mvar: FloatArray
    f_set_hz: FloatArray
    p_set_kw: FloatArray
    f_droop_hz_per_mw: FloatArray

    def v_pu(self, q_kvar: FloatArray) -> FloatArray:
        """Voltage that a unit holds at a reactive power [pu], shapes as numpy broadcasts."""
        return self.v_set_pu - self.v_droop_pu_per_mvar * self.q_beyond_mvar(q_kvar)

    def frequency_hz(self, p_kw: FloatArray) -> FloatArray:
        """Frequency at which a unit delivers an active power [Hz], shapes as numpy broadcasts."""
        return self.f_set_hz - self.f_droop_hz_per_mw * self.p_beyond_mw(p_kw)

    def p_kw(self, frequency_hz: ArrayLike) -> FloatArray:
        """Active power of each unit at a frequency [kW]; infinite, by sign, for one that holds another frequency by itself."""
        with np.errstate(divide="ignore", invalid="ignore"):
            below_hz = self.f_set_hz - np.asarray(frequency_hz, dtype=float)
            beyond_mw = below_hz / self.f_droop_hz_per_mw
        return self.p_set_kw + beyond_mw * KILO

    def p_beyond_mw(self, p_kw: FloatArray) -> FloatArray:
        """Active power beyond its set-point [MW]."""
        return (p_kw - self.p_set_kw) / KILO

    def q_beyond_mvar(self, q_kvar: FloatArray) -> FloatArray:
        """Reactive power beyond its set-point [Mvar]."""
        return (q_kvar - self.q_set_kvar) / KILO

    def of_units(self, units: IntArray) -> DroopSettings:
        """The law of some of the units."""
        return DroopSettings(*(column[..., units] for column in self))


@dataclass(frozen=True, eq=False)
class DroopUnits:
    """Ratings, (unit,).

    Attributes:
        generators: names, highest power, ramp and fuel of the machines behind the law.
        buses: where they stand.
        settings: the law at rest, (unit,).
        q_max_kvar: largest |Q| [kvar].
        f_low_hz, f_high_hz: frequencies between which the unit stays connected; 0 and infinite where none are stated [Hz].
    """

    generators: Generators
    buses: tuple[str, ...]
    settings: DroopSettings
    q_max_kvar: FloatArray
    f_low_hz: FloatArray
    f_high_hz: FloatArray

    def __post_init__(self) -> None:
        """Refuse what no unit can be; names each."""
        if not self.names:
            raise InputError(
                "The island has no droop unit: nothing holds its voltage and frequency. State one, with the bus where it stands."
            )
        law = self.settings
        require(
            "Droop unit",
            self.names,
            {
                "v_set_pu > 0": law.v_set_pu > 0,
                "f_set_hz > 0": law.f_set_hz > 0,
                # a voltage that rises with Q, or a frequency that rises with P, runs away
                "0 <= v_droop_pu_per_mvar < infinity": _is_slope(
                    law.v_droop_pu_per_mvar
                ),
                "0 <= f_droop_hz_per_mw < infinity": _is_slope(law.f_droop_hz_per_mw),
                "p_set_kw and q_set_kvar are finite": np.isfinite(law.p_set_kw)
                & np.isfinite(law.q_set_kvar),
                "q_max_kvar >= 0": self.q_max_kvar >= 0,
                "p_max_kw > 0": self.generators.p_max_kw > 0,
                "ramp_kw_per_h >= 0": self.generators.ramp_kw_per_h >= 0,
                "fuel per kWh >= 0": self.generators.fuel_b >= 0,
                "f_low_hz < f_high_hz": self.f_low_hz < self.f_high_hz,
            },
        )
        require_shared_frequency(self.names, law)

    @classmethod
    def of(cls, tables: Sequence[DroopUnitSettings], frequency_hz: float) -> DroopUnits:
        """The units of an island's configuration.

        Args:
            tables: each stands for as many equal units as it has buses.
            frequency_hz: that of the feeder, for units that state none.

        Raises:
            InputError: if there is none, or one has impossible ratings; names each.
        """
        units = [table for table in tables for _ in table.buses]

        def column(field: str) -> FloatArray:
            return np.array([getattr(unit, field) for unit in units], dtype=float)

        f_set_hz = [
            frequency_hz if unit.f_set_hz is None else unit.f_set_hz for unit in units
        ]
        settings = DroopSettings(
            v_set_pu=column("v_set_pu"),
            q_set_kvar=column("q_set_kvar"),
            v_droop_pu_per_mvar=column("v_droop_pu_per_mvar"),
            f_set_hz=np.array(f_set_hz, dtype=float),
            p_set_kw=column("p_set_kw"),
            f_droop_hz_per_mw=column("f_droop_hz_per_mw"),
        )
        no_cost = np.zeros(len(units))
        generators = Generators(
            names=tuple(name for table in tables for name in table.unit_names),
            p_max_kw=column("p_max_kw"),
            kva=np.hypot(column("p_max_kw"), column("q_max_kvar")),
            ramp_kw_per_h=column("ramp_kw_per_h"),
            fuel_a=no_cost,
            fuel_b=column("fuel_per_kwh"),
            fuel_c=no_cost,
            fuel_price=no_cost,
        )
        return cls(
            generators=generators,
            buses=tuple(bus for table in tables for bus in table.buses),
            settings=settings,
            q_max_kvar=column("q_max_kvar"),
            f_low_hz=column("f_low_hz"),
            f_high_hz=column("f_high_hz"),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each unit."""
        return self.generators.names

    def of_units(self, units: IntArray) -> DroopUnits:
        """Some of the units, such as those that still have fuel."""
        return replace(
            self,
            generators=self.generators.of_units(units),
            buses=tuple(self.buses[k] for k in units),
            settings=self.settings.of_units(units),
            q_max_kvar=self.q_max_kvar[units],
            f_low_hz=self.f_low_hz[units],
            f_high_hz=self.f_high_hz[units],
        )

    def power_limits_kw(
        self,
        last_kw: ArrayLike,
        hours: float,
        fuel: ArrayLike = np.inf,
        settings: DroopSettings | None = None,
    ) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest P of the next step by rating, ramp, fuel and frequency, both (scenario, unit) [kW].

        Args:
            last_kw: power of the step before, (scenario, unit) [kW].
            hours: length of the step [h].
            fuel: what is in the tank, in the unit of the generators' fuel.
            settings: the law in force, if it is not that of the ratings.
        """
        law = settings or self.settings
        low, high = self.generators.power_limits_kw(last_kw, hours, fuel)
        # power falls as frequency rises
        low = np.maximum(low, _without_nan(law.p_kw(self.f_high_hz), -np.inf))
        high = np.minimum(high, _without_nan(law.p_kw(self.f_low_hz), np.inf))
        return low, high


def require_shared_frequency(names: Sequence[str], settings: DroopSettings) -> None:
    """Raise `InputError` where two units hold the frequency stiffly: how they would share the load is then unknown."""
    is_stiff: BoolArray = np.atleast_2d(settings.f_droop_hz_per_mw) == 0
    if (is_stiff.sum(axis=1) > 1).any():
        stiff_names = [names[k] for k in np.flatnonzero(is_stiff.any(axis=0)).tolist()]
        raise InputError(
            f"Droop units {', '.join(stiff_names)} have f_droop_hz_per_mw 0: each would hold the frequency alone, and nothing "
            "says how they share the load. Give all but one a slope above 0."
        )


def _is_slope(value: FloatArray) -> BoolArray:
    return (value >= 0) & np.isfinite(value)


def _without_nan(value: FloatArray, substitute: float) -> FloatArray:
    """A stiff unit at the frequency that it holds delivers anything."""
    return np.where(np.isnan(value), substitute, value)
