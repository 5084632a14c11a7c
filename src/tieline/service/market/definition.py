"""`Definition`: a market in one TOML file: a feeder, devices and who bids for them, rules, prices of the main feeder, gates.

    name, feeder, zone, currency
    reference-price    of the main feeder, a number or 24 of them, one for each hour
    blocks             that a bid for one device may have
    [clock]            speed, began-at, shows, for a day that is played faster
    [gates]            interval-minutes, lead-s, deadline-s, ...     `gates.Gates`
    [rules]            microgrids, watch, limit, choice, ...         `rules.RULES`
    [meters]           BUS = KW, buses that may take more than is scheduled, with the most of it
    [schedule]         BUS = KW, or 24 numbers; other buses are scheduled at rules.load-pct of nominal
    [[devices]]        name, participant, bus, kind, p-kw

Names may be written with - or _. Everything that is wrong is told together; what only the feeder can tell is found by `stage`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, ValidationInfo, field_validator, model_validator

from tieline.config_files import make_config, read_config_file
from tieline.errors import unknown_name_message
from tieline.service.market.gates import Gates, hour_of
from tieline.service.market.market_clock import MarketClock
from tieline.service.market.rules import RULES, make_rules
from tieline.settings import Settings
from tieline.settings.currency import CURRENCY, Currency
from tieline.studies.market.config import MarketConfig

HOURS_A_DAY = 24

Hourly = float | Annotated[tuple[float, ...], Field(min_length=24, max_length=24)]
"""A number for every hour of the local day, or one for all."""

Kind = Literal["generator", "pv", "battery"]
"""Devices that inject. A device that takes power has no part in the balancing program."""


class Device(Settings):
    """A device that sells."""

    name: str = Field(min_length=1, max_length=80, description="Name in bids.")
    participant: str = Field(min_length=1, description="Who bids for it.")
    bus: str = Field(min_length=1, description="Where it stands: BUS or BUS.PHASE.")
    kind: Kind = Field(default="generator", description="What it is.")
    p_kw: float = Field(gt=0, description="Most that it injects [kW].")


class Definition(Settings):
    """A market."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
        description="Name in addresses: small letters, digits, dashes.",
    )
    feeder: str = Field(description="Feeder of the library, or a file.")
    zone: str = Field(
        default="UTC",
        description="Time zone of its clock, such as America/Chicago.",
    )
    currency: Currency = CURRENCY
    reference_price: Hourly = Field(
        description="Price of scheduled energy at the main feeder, by hour or one for all [currency/kWh].",
    )
    blocks: int = Field(
        default=5,
        ge=1,
        le=20,
        description="Blocks of rising price that a bid for one device may have.",
    )
    gates: Gates = Field(default=Gates(), description="When.")
    clock: MarketClock = Field(
        default=MarketClock(),
        description="What its clock shows; the computer's time if not given.",
    )
    rules: MarketConfig = Field(
        default_factory=dict,  # pyright: ignore[reportArgumentType]
        validate_default=True,
        description="How it is cleared: fields of `tieline run market`.",
    )
    meters: dict[str, float] = Field(
        default_factory=dict,
        description="Buses that may take more than is scheduled, with the most of it [kW].",
    )
    schedule: dict[str, Hourly] = Field(
        default_factory=dict,
        description="Scheduled load of buses, by hour or one for all [kW].",
    )
    devices: tuple[Device, ...] = Field(min_length=1, description="Who sells.")

    @field_validator("rules", mode="before")
    @classmethod
    def _make_rules(cls, values: Any, info: ValidationInfo) -> Any:
        if isinstance(values, MarketConfig):
            return values
        # a feeder or currency that is wrong is told by its own field
        feeder = info.data.get("feeder", "")
        return make_rules(values, feeder, info.data.get("currency", CURRENCY.default))

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, zone: str) -> str:
        zones = available_timezones()
        if zone not in zones:
            raise ValueError(unknown_name_message("time zone", zone, zones))
        return zone

    @model_validator(mode="after")
    def _fits_together(self) -> Definition:
        problems = [
            *self._problems(),
            *self.clock.problems(),
            *self.gates.problems(self.clock),
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _problems(self) -> Iterator[str]:
        counts = Counter(device.name for device in self.devices)
        for name, count in counts.items():
            if count > 1:
                yield f"device '{name}' stands there {count} times: give each a name of its own"
        if min(by_hour(self.reference_price)) <= 0:
            yield "reference_price is not above 0 at every hour: losses would be rewarded there"
        for bus, kw in self.meters.items():
            if kw <= 0:
                yield f"meters.{bus} is {kw:g} kW: give the most that it takes beyond its schedule, above 0"
        for bus, hourly in self.schedule.items():
            if min(by_hour(hourly)) < 0:
                yield f"schedule.{bus} is below 0 kW"

    @cached_property
    def local_zone(self) -> ZoneInfo:
        """Its clock."""
        return ZoneInfo(self.zone)

    @cached_property
    def device_of(self) -> Mapping[str, Device]:
        """Devices by name."""
        return {device.name: device for device in self.devices}

    def shown(self, moment: datetime) -> datetime:
        """What its clock shows at a moment of the computer's."""
        return self.clock.shown(moment).astimezone(self.local_zone)

    def hour_at(self, moment: datetime) -> float:
        """Hour of its day then [h]."""
        return hour_of(self.shown(moment), self.local_zone)

    def as_values(self) -> dict[str, Any]:
        """Plain values, of which `make_definition` makes the same market."""
        values = self.model_dump(mode="json", exclude={"rules"})
        given_fields = self.rules.model_fields_set
        stated: set[str] = {str(name) for name in RULES if name in given_fields}
        values["rules"] = self.rules.model_dump(mode="json", include=stated)
        return values

    @property
    def participants(self) -> tuple[str, ...]:
        """Who bids, each once."""
        return tuple(dict.fromkeys(device.participant for device in self.devices))


def by_hour(hourly: Hourly) -> tuple[float, ...]:
    """A number for each hour, (24,)."""
    if isinstance(hourly, tuple):
        return hourly
    return (hourly,) * HOURS_A_DAY


def read_definition(path: Path) -> Definition:
    """The market of a file.

    Raises:
        InputError: if the file cannot be read, or with everything in it that cannot be used.
    """
    return make_definition(read_config_file(path), f"Market file '{path}'")


def make_definition(values: dict[str, Any], what: str = "The market") -> Definition:
    """The market of plain values, as a file or the database has them; raises `InputError` with all that is wrong."""
    return make_config(Definition, with_underscores(values), what=what)


def with_underscores(values: dict[str, Any]) -> dict[str, Any]:
    """Values with the names of fields as Python has them; names that a user gives, of buses, stay."""
    renamed = {_underscored(name): value for name, value in values.items()}
    for name in ("gates", "clock", "rules"):
        if isinstance(renamed.get(name), dict):
            renamed[name] = _renamed(renamed[name])
    devices = renamed.get("devices")
    if isinstance(devices, list):
        renamed["devices"] = [_renamed(device) for device in devices]
    return renamed


def _renamed(values: Any) -> Any:
    if not isinstance(values, dict):
        return values
    return {_underscored(name): value for name, value in values.items()}


def _underscored(name: str) -> str:
    return name.replace("-", "_")
