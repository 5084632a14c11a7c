"""The page says what a made-up measurement says: ratios, verdicts, limits, no answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tieline.bench.powerflow.measurement import Measurement
from tieline.bench.powerflow.page import limit_sentence, page, rate, seconds
from tieline.bench.powerflow.targets import verdict


def test_speeds_and_ratios_stand_in_the_table(measurement: Measurement) -> None:
    text = page(measurement, "figure.svg")
    assert "| ieee33 | power-grid-model | 100,000 | 30.0 | 2e-09 | 12,000 |" in text
    assert "- opendss (opendssdirect.py is not installed (extra 'bench')): ieee33" in text
    assert "](figure.svg)" in text


def test_floors_and_aims_are_judged_by_the_figures(measurement: Measurement) -> None:
    text = page(measurement, "figure.svg")
    assert "| ieee33 | power-grid-model | 30.0 | 25: met | 40: **not met** |" in text
    assert "| ieee123 | opendss | 100 | 40: met | 100: met |" in text
    assert "| ieee123, regulators acting | opendss | 10.0 | 20: **not met** | none |" in text
    assert "| ieee8500 | opendss | not measured | 20: not measured | 60: not measured |" in text


def test_a_ratio_at_the_floor_meets_it() -> None:
    assert verdict(25.0, 25) == "25: met"
    assert verdict(24.999, 25) == "25: **not met**"


def test_the_nearest_roof_limits_a_case_or_none_does(measurement: Measurement) -> None:
    quick, cache, acting = (limit_sentence(case, measurement.cases) for case in measurement.cases)
    assert quick.startswith("no roof is near (the nearest, cache, is used to 20%)")
    assert "256 scenarios at a time run at 10% of the speed of 60,000" in quick
    assert cache.startswith("loads and stores in cache, at 60% of their peak (300 kB")
    assert "10.0 times as long" in acting  # 400 000 / 40 000 solves per second
    assert "3.0 times the iterations" in acting  # 9.6 / 3.2
    assert "70% of the time" in acting  # 1 - 3 / 10


def test_single_precision_is_judged(measurement: Measurement) -> None:
    text = page(measurement, "figure.svg")
    assert "| ieee33 | 3e-08 | 2e-06 |" in text
    assert "| ieee123 | 4e-08 | no answer |" in text
    assert "single precision is enough: it costs at most 4e-08 pu" in text
    assert "It reaches 1e-08 pu on 0 of 2 feeders and finds no answer at all on 1" in text


def test_a_page_without_cold_start(measurement: Measurement) -> None:
    assert "31.0 s" in page(measurement, "figure.svg")
    assert "Cold start" not in page(replace(measurement, cold_start=None), "figure.svg")


@pytest.mark.parametrize(
    ("value", "text"), [(2_304_497.9, "2,300,000"), (80.44, "80.4"), (0.5, "0.5"), (99.96, "100")]
)
def test_rates_have_three_digits(value: float, text: str) -> None:
    assert rate(value) == text


def test_times_have_a_unit() -> None:
    assert (seconds(0.25), seconds(31.04)) == ("250 ms", "31.0 s")
