"""Words for plants, limits and places, shared by the pages about them."""

from __future__ import annotations

from tieline.reports.numbers import format_number, with_unit
from tieline.settings.broken_before import RULE
from tieline.settings.limits import LimitKind, kind_of
from tieline.studies.siting.capacity import NO_SOLUTION, NOTHING_BREAKS
from tieline.studies.siting.config import SitingConfig
from tieline.studies.siting.readings import VOLTAGE_STEP

PLANTS = {
    "pv": "of PV",
    "generator": "of generation",
    "load": "of load",
    "battery": "of battery power",
}


def kw_words(kw: object) -> str:
    """A power with its unit."""
    return with_unit(kw, "kW")


def limit_kind(name: str) -> LimitKind:
    """The kind of that name, the voltage step among them."""
    if name == VOLTAGE_STEP.name:
        return VOLTAGE_STEP
    return kind_of(name)


def limit_words(name: str) -> str:
    """What ends a capacity, in words."""
    if name == NOTHING_BREAKS:
        return "nothing breaks"
    if name == NO_SOLUTION:
        return "no power flow beyond"
    return limit_kind(name).words


def situation_texts(config: SitingConfig) -> str:
    """What every plant must pass, for the end of a sentence."""
    sun = {
        "pv": " in full sun",
        "generator": " with the feeder's own PV in full sun",
        "load": " without sun",
        "battery": ", charging without sun and discharging in full sun",
    }[config.kind]
    return (
        f"at light load ({format_number(config.light_load_pct)} % of nominal) and at peak load "
        f"({format_number(config.peak_load_pct)} %){sun}"
    )


def assumptions(config: SitingConfig) -> list[str]:
    """What was assumed, one paragraph each."""
    controls = {
        "hold": "Regulators and capacitors stay where they rest without the plant: it comes and goes faster than they follow.",
        "feeder": "Regulators and capacitors act in every power flow until they rest; when the plant trips they stay.",
        "off": "Regulators and capacitors stay as the feeder states them.",
    }[config.controls]
    return [
        f"The plant works at full power {situation_texts(config)}, and no limit may break in any of these situations. "
        f"{_reactive(config)}",
        controls,
        "The voltage step is how far any voltage moves when the plant trips, with regulators and capacitors where they are: "
        f"{step_words(config)}.",
        RULE,
        f"The largest plant is located to {format_number(config.resolution_pct)} %: by a ladder of sizes, each four times the "
        "last, and cuts between the two where a limit breaks. Between two rungs a limit is taken to be crossed once.",
        "Left out: short-circuit currents and protection, harmonics, flicker, costs.",
    ]


def _reactive(config: SitingConfig) -> str:
    if config.inverter == "volt-var":
        return "Its reactive power follows the default volt-var curve of IEEE 1547-2018, category B."
    if abs(config.power_factor) == 1:
        return "It works at unity power factor."
    way = (
        "as its active power flows"
        if config.power_factor > 0
        else "against its active power"
    )
    return f"Its power factor is {abs(config.power_factor):g}, reactive power {way}."


def step_words(config: SitingConfig) -> str:
    """The limit of the voltage step, for example "up to 3 % above 1 kV and 5 % below (IEEE 1547-2018, 7.2.2)"."""
    if config.voltage_step_pct == "off":
        return "not judged"
    if config.voltage_step_pct is None:
        return "up to 3 % above 1 kV and 5 % below (IEEE 1547-2018, 7.2.2)"
    return f"up to {format_number(config.voltage_step_pct)} %"
