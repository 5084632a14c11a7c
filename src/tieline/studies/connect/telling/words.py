"""The answer in sentences: what is connected where, yes or no, what breaks first, how much fits."""

from __future__ import annotations

from tieline.reports.numbers import format_number
from tieline.settings.limits import LimitKind, kind_of
from tieline.studies.answer import Metric
from tieline.studies.connect.config import ConnectConfig
from tieline.studies.siting.capacity import NO_SOLUTION, NOTHING_BREAKS
from tieline.studies.siting.readings import VOLTAGE_STEP

PLANTS = {
    "pv": "of PV",
    "generator": "of generation",
    "load": "of load",
    "battery": "of battery",
}


def kw_words(kw: object) -> str:
    """A power with its unit."""
    return f"{format_number(kw)} kW"


def plant_words(metrics: dict[str, Metric], config: ConnectConfig) -> str:
    """For example "500 kW of PV at bus 83"."""
    return f"{kw_words(metrics['kw'])} {PLANTS[config.kind]} at bus {metrics['place']}"


def limit_kind(name: str) -> LimitKind:
    """The kind of that name, the voltage step among them."""
    if name == VOLTAGE_STEP.name:
        return VOLTAGE_STEP
    return kind_of(name)


def answer_sentence(metrics: dict[str, Metric], config: ConnectConfig) -> str:
    """Yes or no, what breaks first, how much fits."""
    plant = plant_words(metrics, config)
    fits = fits_words(metrics)
    if metrics["allowed"] == "yes":
        return f"Yes, {plant} may be connected; {fits}"
    if metrics["cases_unjudged"]:
        return f"No, with {plant} there is no power flow; {fits}"
    return f"No, {plant} would break {binding_words(metrics)}; {fits}"


def binding_words(metrics: dict[str, Metric]) -> str:
    """For example "high voltage at 83.1, 1.0623 pu against 1.05 pu at light load"."""
    kind = limit_kind(str(metrics["binding_limit"]))
    value = format_number(metrics["binding_value"], kind.unit)
    number = format_number(metrics["binding_number"])
    return (
        f"{kind.words} at {metrics['binding_at']}, {value} {kind.unit} against {number} {kind.unit} at "
        f"{metrics['binding_situation']}"
    )


def fits_words(metrics: dict[str, Metric]) -> str:
    """How much fits there."""
    kw = kw_words(metrics["capacity_kw"])
    if metrics["capacity_is_least"] == "yes":
        return f"nothing breaks up to {kw}, the largest plant that was looked at"
    if not metrics["capacity_kw"]:
        return "nothing fits there"
    return f"{kw} fit there"


def binding_name(metrics: dict[str, Metric]) -> str:
    """What ends the capacity, in words."""
    name = str(metrics["binding_limit"])
    if name == NOTHING_BREAKS:
        return "nothing"
    if name == NO_SOLUTION:
        return "no power flow beyond"
    return limit_kind(name).words
