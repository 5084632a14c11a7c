"""What a hosting-capacity run can be asked. Defaults follow M. Al-Saffar's thesis (University of Alberta), ch. 3, where it
gives one.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tieline.studies.config import StudyConfig

LimitProfile = Literal["thesis", "ansi-a"]
Placement = Literal["random", "uniform"]


class CustomerClass(BaseModel):
    """PV sizes of one kind of customer: a site with at most `up_to_load_kw` of nominal load draws a system between the two
    sizes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str
    up_to_load_kw: float | None = Field(
        default=None, gt=0, description="Largest nominal load of the class [kW]; none for no bound."
    )
    smallest_pv_kw: float = Field(gt=0, description="Smallest system [kW].")
    largest_pv_kw: float = Field(gt=0, description="Largest system [kW].")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.smallest_pv_kw > self.largest_pv_kw:
            raise ValueError(f"class '{self.name}': smallest_pv_kw is above largest_pv_kw")
        return self


PLANNING_CLASSES = (
    CustomerClass(name="residential", up_to_load_kw=15.0, smallest_pv_kw=3.0, largest_pv_kw=10.0),
    CustomerClass(name="commercial", up_to_load_kw=250.0, smallest_pv_kw=10.0, largest_pv_kw=100.0),
    CustomerClass(name="industrial", smallest_pv_kw=100.0, largest_pv_kw=500.0),
)
"""tieline's own planning assumption, stated in every report: common sizes of rooftop, small commercial and large systems.
A utility replaces it by its interconnection records, `[[customer_classes]]` in the configuration file."""


class HostingCapacityConfig(StudyConfig):
    """How much PV fits on a feeder: Monte-Carlo placement at rising penetration levels."""

    placement: Placement = Field(
        default="random", description="Where PV goes: random sites and sizes, or uniform (every load its share)."
    )
    step_pct: float = Field(default=10.0, gt=0, le=1000, description="Step between penetration levels [% of peak load].")
    max_pct: float = Field(default=100.0, gt=0, le=1000, description="Highest penetration level [% of peak load].")
    deployments: int = Field(
        default=100, ge=1, le=1_000_000, description="Random deployments drawn; uniform placement needs one."
    )
    light_load_pct: float = Field(default=50.0, ge=0, description="Load while the sun shines [% of nominal].")
    light_load_kvar_pct: float | None = Field(
        default=None, ge=0, description="Reactive load while the sun shines [% of nominal]; follows light-load-pct if not given."
    )
    bus_cap_kw: float | None = Field(default=None, gt=0, description="Most PV at one bus [kW]; no cap if not given.")
    limits: LimitProfile = Field(
        default="thesis", description="Voltage limits: thesis (high only) or ansi-a (0.95 to critical-pu)."
    )
    impacted_pu: float = Field(default=1.04, gt=0, description="A bus above this voltage is impacted [pu].")
    critical_pu: float = Field(default=1.05, gt=0, description="A bus above this voltage is critical: a violation [pu].")
    controls: Literal["feeder", "no-pv", "off"] = Field(
        default="feeder",
        description="Regulators and capacitors: act in every case, stay where they rest without PV, or hold the feeder's taps.",
    )
    customer_classes: tuple[CustomerClass, ...] = Field(
        default=PLANNING_CLASSES, description="PV sizes by customer (configuration file only)."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.impacted_pu > self.critical_pu:
            raise ValueError(f"impacted_pu ({self.impacted_pu}) is above critical_pu ({self.critical_pu})")
        if self.step_pct > self.max_pct:
            raise ValueError(f"step_pct ({self.step_pct}) is above max_pct ({self.max_pct}): no level to look at")
        if not self.customer_classes or self.customer_classes[-1].up_to_load_kw is not None:
            raise ValueError("customer_classes needs a last class without up_to_load_kw, for the largest loads")
        return self

    @property
    def levels_pct(self) -> tuple[float, ...]:
        """Penetration levels, from none up [%]."""
        count = int(self.max_pct / self.step_pct + 1e-9)
        return tuple(round(k * self.step_pct, 9) for k in range(count + 1))
