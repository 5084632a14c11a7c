"""The answer of a connection study in sentences: yes or no, what breaks first, how much fits."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tieline.reports.numbers import format_number, with_unit
from tieline.reports.places import place_words
from tieline.studies.answer import Metric
from tieline.studies.connect.config import ConnectConfig
from tieline.studies.result import Result
from tieline.studies.siting.words import PLANTS, kw_words, limit_kind


def plant_words(metrics: dict[str, Metric], config: ConnectConfig) -> str:
    """For example "500 kW of PV at bus 83"."""
    return f"{kw_words(metrics['kw'])} {PLANTS[config.kind]} at bus {metrics['place']}"


def answer_sentence(result: Result) -> str:
    """Yes or no, what breaks first, how much fits."""
    config = result.config
    assert isinstance(config, ConnectConfig)
    metrics = result.metrics
    plant = plant_words(metrics, config)
    fits = fits_words(metrics)
    if metrics["allowed"] == "yes":
        return f"Yes, {plant} may be connected: {fits}"
    if metrics["cases_unjudged"]:
        return f"No, with {plant} the power flow has no solution: {fits}"
    return f"No, {plant} would break the limit of {broken_words(result)}: {fits}"


def broken_words(result: Result) -> str:
    """For example "high voltage at peak load (1.0623 pu at bus 83, phase 1, limit 1.05 pu)"."""
    first = _first_broken(result)
    kind = limit_kind(str(first["limit"]))
    value = with_unit(first["with_plant"], kind.unit)
    # a limit is written as it was given: 1.05 and not 1.0500
    limit = f"{format_number(first['number'])} {kind.unit}"
    place = place_words(str(first["place"]), result.feeder)
    return f"{kind.words} at {first['situation']} ({value} at {place}, limit {limit})"


def _first_broken(result: Result) -> dict[str, Any]:
    """What a growing plant breaks first, if the plant as asked breaks it too; else the broken limit that allows least."""
    metrics = result.metrics
    limits = result.tables["limits"]
    broken = limits[limits["breaks"]].sort_values("fits_kw")
    binding = {
        "limit": metrics["binding_limit"],
        "situation": metrics["binding_situation"],
    }
    rows = broken[(broken[list(binding)] == pd.Series(binding)).all(axis=1)]
    if rows.empty:
        return {str(name): value for name, value in broken.iloc[0].items()}
    return {
        **binding,
        "place": metrics["binding_at"],
        "with_plant": metrics["binding_value"],
        "number": metrics["binding_number"],
    }


def fits_words(metrics: dict[str, Metric]) -> str:
    """How much fits there."""
    kw = kw_words(metrics["capacity_kw"])
    if metrics["capacity_is_least"] == "yes":
        return f"nothing breaks up to {kw}, the largest plant that was looked at"
    if not metrics["capacity_kw"]:
        return "nothing fits there"
    return f"{kw} would fit there"
