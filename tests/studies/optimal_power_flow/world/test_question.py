"""The problem that a configuration asks: DERs, costs, limits, positions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import two_bus
from tieline.errors import InputError
from tieline.feeders import Feeder, load_feeder, save_tables
from tieline.feeders.elements import Pv, Storage
from tieline.opf import Problem
from tieline.studies.config import make_config
from tieline.studies.optimal_power_flow.config import OptimalPowerFlowConfig
from tieline.studies.optimal_power_flow.world.asked_ders import ask_ders
from tieline.studies.optimal_power_flow.world.question import (
    branch_limits,
    make_question,
)


def config(**values: Any) -> OptimalPowerFlowConfig:
    """A checked configuration, with the limits of each bus if no others are asked for."""
    return make_config(OptimalPowerFlowConfig, {"limits": "feeder", **values})


def question(config: OptimalPowerFlowConfig) -> Problem:
    return make_question(load_feeder(config.feeder), config)


def with_own_ders() -> Feeder:
    """Two buses with a PV system of 80 kW and a battery of 100 kW that holds 50 of 200 kWh."""
    roof = Pv("Roof", "b", (1, 0), "wye", 12.66, 80.0, 100.0)
    shed = Storage(
        "shed", "b", (1, 0), "wye", 12.66, 100.0, 200.0, 100.0, stored_kwh=50.0
    )
    return two_bus().replace(pvs=(roof,), storages=(shed,))


def test_generators_stand_behind_the_feeders_own_with_their_limits_and_costs() -> None:
    asked = ask_ders(
        with_own_ders(),
        config(
            ders="b:300/360@0.12,B:40", der_cost=0.05, der_costs="roof:0.01", sun_pct=50
        ),
    )
    assert [der.name for der in asked.feeder.ders] == [
        "Roof",
        "shed",
        "der_b",
        "der_b_2",
    ]
    assert asked.limits.p_max_kw.tolist() == [40.0, 100.0, 300.0, 40.0]
    assert asked.cost.tolist() == [0.01, 0.05, 0.12, 0.05]
    assert [unit.rated_kva for unit in asked.feeder.generators] == [360.0, 40.0]


def test_generators_beside_the_largest_loads_are_tied_as_these_are() -> None:
    """Of the 13-node feeder the largest are 671 (1155 kW, delta), 675a (485 kW) and 634a or 632's (at most 400 kW)."""
    asked = ask_ders(load_feeder("ieee13"), config(ders_at_loads="2:100@0.08"))
    first, second = asked.feeder.generators
    assert (first.bus, first.connection, first.nodes) == ("671", "delta", (1, 2, 3))
    assert (second.bus, second.nodes) == ("675", (1, 0))
    assert asked.cost.tolist() == [0.08, 0.08]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, r"has no DER.*--ders BUS:KW.*--ders-at-loads"),
        ({"ders": "c:1,b:2,d:3"}, r"(?s)'c'.*'d'"),
        ({"ders": "b:1", "der_costs": "x:1"}, "has no DER of its own"),
        ({"ders_at_loads": "2:1"}, "has 1 loads with P"),
    ],
)
def test_what_is_not_there_is_named(values: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ask_ders(two_bus(), config(**values))


def test_unknown_costs_offer_the_nearest() -> None:
    with pytest.raises(InputError, match="Did you mean 'roof'"):
        ask_ders(with_own_ders(), config(der_costs="rof:1"))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"lowest_pu": 1.1, "highest_pu": 1.05}, "no voltage would be allowed"),
        ({"line_pct": 0.0}, r"line_pct \(0\) must be above 0, or off"),
        ({"line_limits": "a:1,b:0,c:-2"}, "'b:0', 'c:-2' must be above 0"),
        ({"transformer_limits": "a"}, "no colon"),
        (
            {"flow_limits": "a:1/-2,b:x"},
            "-2 kW back, which is below 0; 'b:x' has 'x' where kW",
        ),
        ({"ders_at_loads": "1:3,2:3"}, "write one COUNT"),
        ({"ders_at_loads": "0:3"}, "write one COUNT"),
        ({"ders_at_loads": "x:3"}, "write one COUNT"),
        ({"load_value": 0.0}, "load_value"),
        ({"cost_square": -1.0}, "cost_square"),
    ],
)
def test_configurations_that_contradict_themselves(values: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        config(**values)


def test_branch_limits_are_ratings_or_what_is_given_in_their_place() -> None:
    feeder = load_feeder("ieee13")
    rated = branch_limits(feeder, config())
    assert {limit.kind for limit in rated} == {"transformer"}
    sub = next(limit for limit in rated if limit.name == "sub")
    assert sub.kva is not None
    half = branch_limits(feeder, config(transformer_pct=50.0))
    assert next(limit for limit in half if limit.name == "sub").kva == pytest.approx(
        0.5 * sub.kva
    )
    given = branch_limits(
        feeder,
        config(
            transformer_pct="off",
            line_limits="650632:300",
            transformer_limits="XFM1:400",
        ),
    )
    assert {(limit.kind, limit.name): limit.a or limit.kva for limit in given} == {
        ("line", "650632"): 300.0,
        ("transformer", "xfm1"): 400.0,
    }
    with pytest.raises(
        InputError, match=r"(?s)line 'x' of feeder.*transformer 'y' of feeder"
    ):
        branch_limits(feeder, config(line_limits="x:1", transformer_limits="y:1"))


def test_flow_limits_have_a_direction_and_stand_beside_ratings() -> None:
    feeder = load_feeder("ieee13")
    limits = branch_limits(feeder, config(flow_limits="650632:300/50,XFM1:400"))
    directed = [limit for limit in limits if limit.forward_kw is not None]
    assert [
        (limit.kind, limit.name, limit.forward_kw, limit.reverse_kw)
        for limit in directed
    ] == [
        ("line", "650632", 300.0, 50.0),
        ("transformer", "xfm1", 400.0, 400.0),
    ]
    assert len(limits) == len(branch_limits(feeder, config())) + 2
    with pytest.raises(InputError, match=r"(?s)line or transformer 'x' of feeder.*'y'"):
        branch_limits(feeder, config(flow_limits="x:1,y:1"))


def test_ratings_given_to_lines_without_one_limit_them() -> None:
    problem = question(
        config(
            feeder="ieee33",
            ders="18:300",
            line_rating_a=200.0,
            line_pct=50.0,
            line_limits="branch_2:7",
        )
    )
    limits = dict(
        zip(problem.limits.flows.names, problem.limits.flows.limit, strict=True)
    )
    assert limits["line 'branch_3' end 1 phase 1"] == 100.0
    assert limits["line 'branch_2' end 1 phase 1"] == 7.0


def test_regulators_are_held_where_they_rest_or_where_the_feeder_has_them() -> None:
    acted, held = (
        question(config(feeder="ieee13", ders="671:100", controls=way))
        for way in ("hold", "off")
    )
    # as OpenDSS has them, see tests/cases/ieee13-controls
    assert acted.taps.tolist() == [
        9,
        6,
        9,
    ]
    assert held.taps.tolist() == held.network.regulators.initial_tap.tolist()


def test_load_level_and_storage(tmp_path: Path) -> None:
    save_tables(with_own_ders(), tmp_path / "feeder")
    keep, free = (
        question(config(feeder=str(tmp_path / "feeder"), load_pct=40.0, storage=way))
        for way in ("keep", "free")
    )
    assert (keep.steps.load_kw.sum(), keep.steps.load_kvar.sum()) == (400.0, 200.0)
    assert (
        keep.storage.stored_end_kwh.tolist(),
        free.storage.stored_end_kwh.tolist(),
    ) == (
        [50.0],
        [0.0],
    )


def test_a_bus_that_floats_gets_its_generator_between_phases() -> None:
    asked = ask_ders(load_feeder("ieee37"), config(ders="725:90"))
    assert (asked.feeder.generators[0].nodes, asked.feeder.generators[0].kv) == (
        (1, 2, 3),
        pytest.approx(4.8),
    )


def test_names_of_generators_stay_unique() -> None:
    feeder = two_bus()
    once = ask_ders(feeder, config(ders="b:1")).feeder
    again = ask_ders(
        once.replace(generators=(replace(once.generators[0], name="DER_B"),)),
        config(ders="b:1,b:2"),
    )
    assert [unit.name for unit in again.feeder.generators] == [
        "DER_B",
        "der_b_2",
        "der_b_3",
    ]
    assert np.isfinite(again.cost).all()
