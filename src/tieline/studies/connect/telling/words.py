"""The answer of a connection study in sentences: yes or no, what breaks first, how much fits."""

from __future__ import annotations

from tieline.reports.numbers import format_number
from tieline.studies.answer import Metric
from tieline.studies.connect.config import ConnectConfig
from tieline.studies.siting.words import PLANTS, kw_words, limit_kind, place_words


def plant_words(metrics: dict[str, Metric], config: ConnectConfig) -> str:
    """For example "500 kW of PV at bus 83"."""
    return f"{kw_words(metrics['kw'])} {PLANTS[config.kind]} at bus {metrics['place']}"


def answer_sentence(metrics: dict[str, Metric], config: ConnectConfig) -> str:
    """Yes or no, what breaks first, how much fits."""
    plant = plant_words(metrics, config)
    fits = fits_words(metrics)
    if metrics["allowed"] == "yes":
        return f"Yes, {plant} may be connected: {fits}"
    if metrics["cases_unjudged"]:
        return f"No, with {plant} there is no power flow: {fits}"
    return f"No, {plant} would break {broken_words(metrics)}: {fits}"


def broken_words(metrics: dict[str, Metric]) -> str:
    """For example "high voltage at peak load (1.0623 pu at bus 83, phase 1, limit 1.05 pu)"."""
    name = str(metrics["binding_limit"])
    kind = limit_kind(name)
    value = format_number(metrics["binding_value"], kind.unit)
    number = format_number(metrics["binding_number"])
    place = place_words(name, str(metrics["binding_at"]))
    return f"{kind.words} at {metrics['binding_situation']} ({value} {kind.unit} at {place}, limit {number} {kind.unit})"


def fits_words(metrics: dict[str, Metric]) -> str:
    """How much fits there."""
    kw = kw_words(metrics["capacity_kw"])
    if metrics["capacity_is_least"] == "yes":
        return f"nothing breaks up to {kw}, the largest plant that was looked at"
    if not metrics["capacity_kw"]:
        return "nothing fits there"
    return f"{kw} would fit there"
