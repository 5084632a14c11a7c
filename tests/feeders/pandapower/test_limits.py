"""Limits and costs that a net states for optimal power flows, in our units and signs, and what `runopp` makes of them."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

pandapower = pytest.importorskip("pandapower", reason="pandapower is not installed")

from pandapower_nets import base_net  # noqa: E402
from tieline.errors import InputError  # noqa: E402
from tieline.feeders import load_feeder  # noqa: E402
from tieline.feeders.limits import with_limits_of  # noqa: E402
from tieline.feeders.pandapower import read_pandapower  # noqa: E402
from tieline.studies.config import make_config  # noqa: E402
from tieline.studies.optimal_power_flow.config import OptimalPowerFlowConfig  # noqa: E402
from tieline.studies.optimal_power_flow.world.question import make_question  # noqa: E402
from tieline.studies.shell import run_study  # noqa: E402


def with_costs() -> Any:
    """A cheap generator within limits, one that is fixed, a voltage limit; energy at 100 per MWh."""
    net = pandapower.create_empty_network()
    a = pandapower.create_bus(net, 20.0, name="a", min_vm_pu=0.9, max_vm_pu=1.1)
    b = pandapower.create_bus(net, 20.0, name="b", min_vm_pu=0.9, max_vm_pu=1.02)
    pandapower.create_ext_grid(net, a, vm_pu=1.0, name="grid")
    pandapower.create_line(
        net, a, b, 10, "NA2XS2Y 1x95 RM/25 12/20 kV", name="l", max_loading_percent=100
    )
    pandapower.create_load(net, b, 1.0, 0.2, name="load")
    free: dict[str, Any] = {
        "controllable": True,
        "min_p_mw": 0.1,
        "max_p_mw": 0.5,
        "min_q_mvar": -0.02,
        "max_q_mvar": 0.03,
    }
    pandapower.create_sgen(net, b, 0.3, 0.0, sn_mva=5, name="free", **free)
    pandapower.create_sgen(
        net, b, 0.2, 0.01, sn_mva=5, name="fixed", controllable=False
    )
    pandapower.create_poly_cost(net, 0, "ext_grid", cp1_eur_per_mw=100)
    pandapower.create_poly_cost(net, 0, "sgen", cp1_eur_per_mw=50)
    return net


def optimum(net: Any, folder: Path, **values: Any) -> dict[str, Any]:
    """Metrics of the study on the saved net."""
    return run_study("optimal-power-flow", config=config(net, folder, **values)).metrics


def config(net: Any, folder: Path, **values: Any) -> OptimalPowerFlowConfig:
    """The question about the saved net."""
    pandapower.to_json(net, str(folder / "net.json"))
    return make_config(
        OptimalPowerFlowConfig, {"feeder": str(folder / "net.json"), **values}
    )


def test_limits_in_our_units() -> None:
    feeder = read_pandapower(with_costs())
    free, fixed = feeder.generators
    assert (free.p_low_limit_kw, free.p_high_limit_kw) == (100.0, 500.0)
    assert (free.q_low_limit_kvar, free.q_high_limit_kvar, free.controllable) == (
        -20.0,
        30.0,
        True,
    )
    assert (free.cost_per_kwh, fixed.cost_per_kwh, feeder.source.cost_per_kwh) == (
        0.05,
        None,
        0.1,
    )
    assert (fixed.p_high_limit_kw, fixed.controllable) == (None, False)
    assert [(bus.v_low_limit_pu, bus.v_high_limit_pu) for bus in feeder.buses] == [
        (0.9, 1.1),
        (0.9, 1.02),
    ]


@pytest.mark.parametrize("formulation", ["nlp", "socp", "lp"])
def test_the_optimum_is_that_of_runopp(tmp_path: Path, formulation: str) -> None:
    net = with_costs()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pandapower.runopp(net)
    metrics = optimum(net, tmp_path, formulation=formulation)
    assert metrics["ders_kw"] == pytest.approx(1e3 * net.res_sgen.p_mw.sum(), abs=0.1)
    assert metrics["bought_kw"] == pytest.approx(
        1e3 * net.res_ext_grid.p_mw.sum(), abs=0.1
    )
    assert metrics["ac_cost_per_h"] == pytest.approx(net.res_cost, rel=1e-4)


@pytest.mark.parametrize("limit", [1.003, 1.0015])
def test_a_voltage_limit_of_one_bus_binds_as_in_runopp(
    tmp_path: Path, limit: float
) -> None:
    net = with_costs()
    net.sgen.loc[0, ["max_p_mw", "min_q_mvar", "max_q_mvar"]] = [4.0, 0.0, 0.0]
    net.bus.loc[1, "max_vm_pu"] = limit
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pandapower.runopp(net)
    metrics = optimum(net, tmp_path)
    assert metrics["v_high_pu"] == pytest.approx(limit, abs=1e-6)
    assert metrics["ders_kw"] == pytest.approx(1e3 * net.res_sgen.p_mw.sum(), rel=1e-3)


def test_what_is_given_takes_the_place_of_what_the_net_states(tmp_path: Path) -> None:
    asked = config(
        with_costs(),
        tmp_path,
        price=0.3,
        der_costs="free:0.2",
        highest_pu=1.05,
        der_cost=0.01,
    )
    feeder = load_feeder(asked.feeder)
    with_numbers, _ = with_limits_of(feeder, asked)
    question = make_question(feeder, with_numbers)
    assert (question.steps.price[0], question.ders.cost[0].tolist()) == (
        0.3,
        [0.2, 0.01],
    )
    assert question.limits.v_max_pu.tolist() == [1.05]
    assert question.limits.v_min_pu.tolist() == [0.9]


def test_storage_counts_what_it_injects() -> None:
    net = base_net()
    limits = {
        "controllable": True,
        "min_p_mw": -0.02,
        "max_p_mw": 0.05,
        "min_q_mvar": -0.01,
        "max_q_mvar": 0.03,
    }
    pandapower.create_storage(net, 2, 0.01, 0.1, name="battery", **limits)
    pandapower.create_poly_cost(net, 0, "storage", cp1_eur_per_mw=20)
    battery = read_pandapower(net).storages[0]
    assert (battery.p_low_limit_kw, battery.p_high_limit_kw) == (-50.0, 20.0)
    assert (battery.q_low_limit_kvar, battery.q_high_limit_kvar) == (-30.0, 10.0)
    assert battery.cost_per_kwh == -0.02
    assert battery.rated_kw == pytest.approx((50.0**2 + 30.0**2) ** 0.5)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ((None, None), [True, True]),
        ((False, False), [True, True]),
        ((True, None), [True, False]),
        ((True, False), [True, False]),
    ],
)
def test_one_mark_makes_the_others_fixed_as_in_runopp(
    stated: tuple[bool | None, ...], expected: list[bool]
) -> None:
    net = base_net()
    for k, controllable in enumerate(stated):
        given = {} if controllable is None else {"controllable": controllable}
        pandapower.create_sgen(net, 2, 0.01, sn_mva=0.02, name=f"s{k}", **given)
    feeder = read_pandapower(net)
    assert [generator.controllable for generator in feeder.generators] == expected
    assert [note.code for note in feeder.notes] == []


def test_limits_where_nothing_is_marked_are_noted() -> None:
    net = base_net()
    pandapower.create_sgen(net, 2, 0.01, sn_mva=0.02, max_p_mw=0.015, name="s")
    feeder = read_pandapower(net)
    assert (
        feeder.generators[0].controllable,
        feeder.generators[0].p_high_limit_kw,
    ) == (True, 15.0)
    assert [note.code for note in feeder.notes] == ["PANDAPOWER.CONTROLLABLE"]


def test_one_slope_is_a_price() -> None:
    net = with_costs()
    net.poly_cost = net.poly_cost.iloc[1:]
    pandapower.create_pwl_cost(
        net, 0, "ext_grid", [[-10.0, 0.0, 90.0], [0.0, 10.0, 90.0]]
    )
    assert read_pandapower(net).source.cost_per_kwh == 0.09


NOTED = {
    "several slopes": (
        "DROPPED",
        lambda net: pandapower.create_pwl_cost(
            net, 1, "sgen", [[0.0, 1.0, 10.0], [1.0, 2.0, 20.0]]
        ),
    ),
    "falling square": (
        "DROPPED",
        lambda net: pandapower.create_poly_cost(
            net, 1, "sgen", cp1_eur_per_mw=1, cp2_eur_per_mw2=-3
        ),
    ),
    "square at the grid": (
        "DROPPED",
        lambda net: net.poly_cost.__setitem__("cp2_eur_per_mw2", [1.0, 0.0]),
    ),
    "reactive power": (
        "REACTIVE",
        lambda net: pandapower.create_poly_cost(
            net, 1, "sgen", cp1_eur_per_mw=1, cq1_eur_per_mvar=3
        ),
    ),
    "constant": (
        "CONSTANT",
        lambda net: net.poly_cost.__setitem__("cp0_eur", [0.0, 7.0]),
    ),
}


@pytest.mark.parametrize(("what", "change"), NOTED.values(), ids=list(NOTED))
def test_a_cost_that_is_left_out_is_noted(what: str, change: Any) -> None:
    net = with_costs()
    change(net)
    assert [note.code for note in read_pandapower(net).notes] == [
        f"PANDAPOWER.COST_{what}"
    ]


def with_two_slopes() -> Any:
    """The generator costs 50 per MWh up to 200 kW and 150 above."""
    net = with_costs()
    net.poly_cost = net.poly_cost.iloc[:1]
    pandapower.create_pwl_cost(net, 0, "sgen", [[0.0, 0.2, 50.0], [0.2, 0.5, 150.0]])
    return net


def test_no_optimum_takes_a_cost_that_was_left_out_for_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no optimum without them(?s:.*)sgen free"):
        optimum(with_two_slopes(), tmp_path)
    assert optimum(with_two_slopes(), tmp_path, der_costs="free:0.15")[
        "ders_kw"
    ] == pytest.approx(300.0, abs=1e-3)
    assert optimum(with_two_slopes(), tmp_path, der_cost=0.05)[
        "ders_kw"
    ] == pytest.approx(700.0, abs=1e-3)


def test_no_optimum_without_the_price_at_the_source(tmp_path: Path) -> None:
    net = with_costs()
    net.poly_cost["cp2_eur_per_mw2"] = [30.0, 0.0]
    with pytest.raises(InputError, match=r"price at the source(?s:.*)--price"):
        optimum(net, tmp_path)
    assert optimum(net, tmp_path, price=0.1)["source_price"] == 0.1


def test_a_cost_of_reactive_power_does_not_hide_that_of_active_power() -> None:
    net = with_costs()
    net.poly_cost = net.poly_cost.iloc[:1]
    pandapower.create_pwl_cost(net, 0, "sgen", [[0.0, 0.5, 50.0]])
    pandapower.create_pwl_cost(
        net, 0, "sgen", [[-0.1, 0.1, 1.0]], power_type="q", check=False
    )
    feeder = read_pandapower(net)
    assert feeder.generators[0].cost_per_kwh == 0.05
    assert [note.code for note in feeder.notes] == ["PANDAPOWER.COST_REACTIVE"]


def test_limits_of_all_that_feed_the_busbar_add_up_and_different_costs_are_named() -> (
    None
):
    net = with_costs()
    pandapower.create_ext_grid(net, 0, vm_pu=1.0, name="second")
    net.ext_grid["max_p_mw"], net.ext_grid["min_p_mw"] = (
        [0.25, 5.0],
        [-1.0, float("nan")],
    )
    feeder = read_pandapower(net)
    source = feeder.source
    assert (source.p_high_limit_kw, source.p_low_limit_kw, source.cost_per_kwh) == (
        5250.0,
        None,
        None,
    )
    assert "PANDAPOWER.COST_DROPPED" in [note.code for note in feeder.notes]


def test_what_runopp_would_move_or_limit_otherwise_is_noted() -> None:
    net = base_net()
    net.load["controllable"] = True
    net.line["max_loading_percent"] = 60.0
    assert [note.code for note in read_pandapower(net).notes] == [
        "PANDAPOWER.LOAD_CONTROLLABLE",
        "PANDAPOWER.LOADING_LIMIT",
    ]


def test_a_rating_that_cuts_the_limits_is_noted() -> None:
    """P up to 500 kW and Q up to 30 kvar take 500.9 kVA together."""
    net = with_costs()
    for sn_mva, codes in ((0.501, []), (0.5, ["PANDAPOWER.RATING_BINDS"])):
        net.sgen.loc[0, "sn_mva"] = sn_mva
        assert [note.code for note in read_pandapower(net).notes] == codes


def test_an_assumed_price_is_said(tmp_path: Path) -> None:
    net = with_costs()
    net.poly_cost = net.poly_cost.iloc[1:]
    (said,) = [
        text
        for text in run_study(
            "optimal-power-flow", config=config(net, tmp_path)
        ).warnings
        if "price of energy at the source" in text
    ]
    assert "0.1 USD per kWh is assumed" in said
