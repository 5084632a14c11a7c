"""What an island file says: a feeder, what is open or bypassed in it, and the units that are left.

    name = "north"
    feeder = "ieee123"         bundled name, or a path that begins at the file's folder
    open = ["sw4"]             lines that cut the island off
    [[droop_unit]]             holds voltage and frequency; several share the load by their slopes
    name = "main"
    buses = ["60"]
    p_max_kw = 800.0
    v_droop_pu_per_mvar = 0.05
    f_droop_hz_per_mw = 1.0
    ...
    [[microturbine]]           [[renewable]]   [[battery]]     set-points of all three are decided

A table stands for as many equal units as it has buses. `like = "ieee36"` takes everything that the file does not say from another
island; units of the same name are the same unit.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from tieline.feeders.compose.config import Name
from tieline.settings import Settings


def _as_texts(value: object) -> object:
    """Buses are often numbers, and people write them as such."""
    if isinstance(value, list | tuple):
        return tuple(str(bus).strip().lower() for bus in value)
    return value


Names = Annotated[tuple[Name, ...], BeforeValidator(_as_texts)]


Rating = Annotated[float, Field(gt=0)]
Shares = Annotated[tuple[Annotated[float, Field(ge=0, le=1)], ...], Field(min_length=1)]


class UnitSettings(Settings):
    """Equal units at one or several buses."""

    name: Name = Field(description="Name; with several buses NAME_bus.")
    buses: Names = Field(min_length=1, description="Buses, one unit at each.")
    p_max_kw: float = Field(gt=0, description="Highest active power [kW].")
    q_max_kvar: float = Field(ge=0, description="Largest reactive power [kvar].")

    @property
    def unit_names(self) -> tuple[str, ...]:
        """Name of the unit at each bus."""
        if len(self.buses) == 1:
            return (self.name,)
        return tuple(f"{self.name}_{bus}" for bus in self.buses)


class FuelledSettings(UnitSettings):
    """Units that burn fuel."""

    ramp_kw_per_h: float = Field(
        gt=0, description="Fastest change of active power [kW/h]."
    )
    fuel_kwh: float = Field(gt=0, description="Fuel at the start [kWh of fuel].")
    fuel_per_kwh: float = Field(
        default=1.0, ge=0, description="Fuel burnt per energy [kWh of fuel/kWh]."
    )
    p_start_kw: float = Field(
        default=0.0, ge=0, description="Active power before the first step [kW]."
    )

    @model_validator(mode="after")
    def _starts_within_its_rating(self) -> Self:
        if self.p_start_kw > self.p_max_kw:
            raise ValueError(
                f"p_start_kw of '{self.name}' is {self.p_start_kw:g}, above p_max_kw {self.p_max_kw:g}; start within the rating"
            )
        return self


class DroopUnitSettings(FuelledSettings):
    """Grid-forming units: V = V* - n (Q - Q*), f = f* - m (P - P*)."""

    v_set_pu: float = Field(default=1.0, gt=0, description="Voltage V* [pu].")
    q_set_kvar: float = Field(
        default=0.0, description="Reactive power Q* at that voltage [kvar]."
    )
    v_droop_pu_per_mvar: float = Field(
        ge=0, description="Slope n of voltage by reactive power, downwards [pu/Mvar]."
    )
    f_set_hz: float | None = Field(
        default=None,
        gt=0,
        description="Frequency f* [Hz]; left out, that of the feeder.",
    )
    p_set_kw: float = Field(
        default=0.0, description="Active power P* at that frequency [kW]."
    )
    f_droop_hz_per_mw: float = Field(
        ge=0, description="Slope m of frequency by active power, downwards [Hz/MW]."
    )
    f_low_hz: float = Field(
        default=0.0, ge=0, description="Lowest frequency at which it stays on [Hz]."
    )
    f_high_hz: float = Field(
        default=float("inf"),
        gt=0,
        description="Highest frequency at which it stays on [Hz].",
    )


class MicroturbineSettings(FuelledSettings):
    """Generators whose active and reactive power are decided."""


class RenewableSettings(UnitSettings):
    """Sun or wind, whose available power can be curtailed; `p_max_kw` is the highest that it may become."""

    available: Literal["sun"] | Shares | str | None = Field(
        default=None,
        description="Power that is to be expected, step by step: shares of p_max_kw; or sun, a clear day of the profiles; or a "
        "CSV table with a column of the unit's name [kW], whose path begins at the folder of the file.",
    )
    available_step_minutes: float = Field(
        default=15, gt=0, description="Length of a step of these shares [min]."
    )


class BatterySettings(UnitSettings):
    """Batteries."""

    energy_kwh: float = Field(gt=0, description="Size [kWh].")
    efficiency_charge: float = Field(
        default=1.0, gt=0, le=1, description="Stored per charged energy."
    )
    efficiency_discharge: float = Field(
        default=1.0, gt=0, le=1, description="Delivered per taken energy."
    )
    stored_low_share: float = Field(
        default=0.0, ge=0, le=1, description="Lowest stored energy [share of size]."
    )
    stored_high_share: float = Field(
        default=1.0, ge=0, le=1, description="Highest stored energy [share of size]."
    )
    stored_start_share: float = Field(
        default=0.5, ge=0, le=1, description="Stored at the start [share of size]."
    )

    @model_validator(mode="after")
    def _start_lies_between(self) -> Self:
        low = self.stored_low_share
        high = self.stored_high_share
        if not low <= self.stored_start_share <= high:
            raise ValueError(
                f"stored_start_share of '{self.name}' is {self.stored_start_share:g}, outside {low:g} to {high:g}; start within "
                "the limits"
            )
        return self


class LoadWeight(Settings):
    """Loads that matter more, or less, than others."""

    weight: float = Field(gt=0, description="Worth of a served kWh; others have 1.")
    buses: Names = Field(min_length=1, description="Buses of these loads.")


class IslandConfig(Settings):
    """A part of a feeder without a grid, and its units."""

    name: Name | None = Field(
        default=None, description="Name of the island; left out, that of the file."
    )
    title: str = Field(default="", description="What it is, in a line.")
    origin: str = Field(default="", description="Where its figures come from.")
    feeder: str = Field(
        description="Bundled feeder name, or path of a feeder, which begins at the folder of the file."
    )
    bypass: Names = Field(
        default=(),
        description="Regulators, transformers or lines that are shorted out; their buses become one, under the first one's name.",
    )
    open: Names = Field(
        default=(), description="Lines and transformers that are open, at both ends."
    )
    close: Names = Field(default=(), description="Lines that are closed.")
    single_phase_equivalent: bool = Field(
        default=False,
        description="Take the balanced single-phase equivalent of the island.",
    )
    constant_power_loads: bool = Field(
        default=False,
        description="Loads take the same power at any voltage, whatever shares of impedance and current the feeder states.",
    )
    code_rating_a: dict[Name, Rating] = Field(
        default={},
        description="Rating of the lines of a code, by its name [A]; it takes the place of the code's own.",
    )
    impedance_factor: float = Field(
        default=1.0,
        gt=0,
        description="Times the impedance of every line; more than 1 makes the network weaker.",
    )
    droop_unit: tuple[DroopUnitSettings, ...] = Field(
        default=(), description="Units that hold voltage and frequency."
    )
    microturbine: tuple[MicroturbineSettings, ...] = Field(
        default=(), description="Generators that are told what to deliver."
    )
    renewable: tuple[RenewableSettings, ...] = Field(
        default=(), description="Units of sun or wind."
    )
    battery: tuple[BatterySettings, ...] = Field(default=(), description="Batteries.")
    load_weight: tuple[LoadWeight, ...] = Field(
        default=(), description="Loads that are not worth 1 a kWh."
    )

    @model_validator(mode="after")
    def _is_held(self) -> Self:
        if not self.droop_unit:
            raise ValueError(
                "the island has no droop unit, so that nothing holds its voltage and frequency; add a table [[droop_unit]] with "
                "the bus where it stands"
            )
        names = [name for unit in self.units for name in unit.unit_names]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(
                f"several units are called {', '.join(twice)}; give each its own name"
            )
        return self

    @model_validator(mode="after")
    def _weighs_each_bus_once(self) -> Self:
        counts = Counter(bus for entry in self.load_weight for bus in entry.buses)
        twice = [bus for bus, count in counts.items() if count > 1]
        if twice:
            raise ValueError(
                f"load_weight names {', '.join(twice)} several times; give each bus one weight"
            )
        return self

    @property
    def units(self) -> tuple[UnitSettings, ...]:
        """All tables of units."""
        return (*self.droop_unit, *self.microturbine, *self.renewable, *self.battery)

    @property
    def root(self) -> str:
        """The bus that says which part is meant: that of the first droop unit."""
        return self.droop_unit[0].buses[0]
