"""Slopes of powers, their words, and figures for all that was measured."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from tieline.bench.kit.markdown import Figure, Section
from tieline.bench.powerflow.growth_curves import (
    growth_curves_section,
    slope,
    slope_words,
)
from tieline.bench.powerflow.measurement import PowerFlowSpeeds


def figures(section: Section) -> list[Figure]:
    return [block for block in section.blocks if isinstance(block, Figure)]


def bullets_of(section: Section) -> str:
    return "\n".join(block for block in section.blocks if isinstance(block, str))


@pytest.mark.parametrize("power", [-0.5, 0.0, 1.0, 1.5])
def test_the_slope_of_a_power_is_its_exponent(power: float) -> None:
    assert slope({x: 3.0 * x**power for x in (1.0, 7.0, 100.0)}) == pytest.approx(power)


@pytest.mark.parametrize(
    ("power", "words"),
    [
        (-0.5, "falls (slope -0.50)"),
        (0.1, "hardly at all (slope 0.10)"),
        (0.5, "less than in proportion (slope 0.50)"),
        (1.0, "in proportion (slope 1.00)"),
        (1.5, "more than in proportion (slope 1.50)"),
    ],
)
def test_a_slope_in_words(power: float, words: str) -> None:
    assert slope_words({1.0: 2.0, 10.0: 2.0 * 10**power}) == words


def test_one_point_has_no_slope() -> None:
    assert slope_words({33.0: 1.0}) == "one point has no slope"


def test_the_section_has_four_figures_and_says_how_steep_they_are(
    power_flow_speeds: PowerFlowSpeeds,
) -> None:
    section = growth_curves_section(power_flow_speeds.cases, power_flow_speeds.lp)
    names = [figure.name for figure in figures(section)]
    assert names == ["growth-nodes", "growth-batch", "growth-threads", "growth-ders"]
    text = bullets_of(section)
    assert "LP on ieee123, cold, time by DERs: hardly at all (slope 0.00)." in text
    assert "LP on ieee123, warm, time by DERs: in proportion (slope 1.00)." in text
    for figure in figures(section):
        assert ET.fromstring(figure.svg).attrib["aria-label"] == figure.text


def test_without_the_optimisers_three_figures_remain(
    power_flow_speeds: PowerFlowSpeeds,
) -> None:
    section = growth_curves_section(power_flow_speeds.cases, None)
    assert len(figures(section)) == 3


def test_time_of_a_scenario_is_one_over_the_rate(
    power_flow_speeds: PowerFlowSpeeds,
) -> None:
    """Ten times the nodes at a tenth of the rate: in proportion."""
    case = next(case for case in power_flow_speeds.cases if case.load is not None)
    speed = case.speeds[0]
    slower = replace(speed, solves_per_s=speed.solves_per_s / 10)
    larger = replace(case, n_nodes=10 * case.n_nodes, speeds=(slower,))
    text = bullets_of(growth_curves_section((case, larger), None))
    assert "taps held, time of a scenario by nodes: in proportion (slope 1.00)." in text
