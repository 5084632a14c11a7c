"""Limits, ratings and costs of a case's generators, and the optimum that MATPOWER's runopf finds with them."""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path

import pytest

from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.feeders.matpower import read_matpower
from tieline.studies.config import make_config
from tieline.studies.optimal_power_flow.config import OptimalPowerFlowConfig
from tieline.studies.shell import run_study

run = partial(run_study, "optimal-power-flow", None)

CASE = """function mpc = small
mpc.version = '2';
mpc.baseMVA = 10;
mpc.bus = [
1 3 0 0 0 0 1 1 0 12.66 1 1.1 0.9;
2 1 1.0 0.5 0 0 1 1 0 12.66 1 1.1 0.9;
3 1 0.8 0.3 0 0 1 1 0 12.66 1 {vmax} 0.9;
];
mpc.gen = [
1 0 0 10 -10 {vg} 100 1 10 {pmin} 0 0 0 0 0 0 0 0 0 0 0;
{gen} 0 0 0 0 0 0 0 0 0 0 0;
];
mpc.branch = [
1 2 0.02 0.03 0 {rate} 0 0 0 0 1 -360 360;
2 3 0.03 0.02 0.0 0 0 0 0 0 1 -360 360;
];
mpc.gencost = [
2 0 0 {first};
2 0 0 {second};
];
"""

USUAL = {
    "vmax": "1.1",
    "vg": "1.0",
    "pmin": "-10",
    "gen": "3 0.2 0 0.1 -0.1 1.0 100 1 0.5 0",
    "rate": "5",
    "first": "2 100 0",
    "second": "2 50 0",
}


def read(folder: Path, **parts: str) -> Feeder:
    """The case with some parts changed."""
    (folder / "small.m").write_text(CASE.format(**{**USUAL, **parts}))
    return read_matpower(folder / "small.m")


def optimum(folder: Path, formulation: str = "nlp", **parts: str):
    """The study on the case as it stands."""
    read(folder, **parts)
    values = {"feeder": str(folder / "small.m"), "formulation": formulation}
    return run(make_config(OptimalPowerFlowConfig, values))


def test_limits_and_ratings(tmp_path: Path) -> None:
    feeder = read(tmp_path)
    unit = feeder.generators[0]
    assert (
        unit.p_low_limit_kw,
        unit.p_high_limit_kw,
        unit.q_low_limit_kvar,
        unit.q_high_limit_kvar,
    ) == (0, 500, -100, 100)
    assert unit.rated_kva == pytest.approx(math.hypot(500, 100))
    assert (unit.p_kw, unit.cost_per_kwh, unit.cost_per_kw2h) == (200.0, 0.05, None)
    assert (
        feeder.source.cost_per_kwh,
        feeder.source.p_low_limit_kw,
        feeder.source.p_high_limit_kw,
    ) == (0.1, -10000, 10000)
    assert [(bus.v_low_limit_pu, bus.v_high_limit_pu) for bus in feeder.buses] == [
        (0.9, 1.1)
    ] * 3
    assert feeder.lines[0].rating_kva == 5000.0
    assert feeder.notes == ()


@pytest.mark.parametrize("formulation", ["nlp", "socp", "lp"])
def test_the_optimum_is_that_of_runopf(tmp_path: Path, formulation: str) -> None:
    """MATPOWER 8.1: P 0.5 MW, which is Pmax, and 155.48 per hour."""
    metrics = optimum(tmp_path, formulation).metrics
    assert metrics["ders_kw"] == pytest.approx(500.0, abs=0.05)
    assert metrics["ac_cost_per_h"] == pytest.approx(155.48, abs=0.005)
    assert metrics["source_price"] == 0.1


def test_a_rating_in_mva_limits_power_not_current(tmp_path: Path) -> None:
    """MATPOWER 8.1, source held at 1.05: import 1500 kVA, 211.09 per hour; as a current it would be 1575."""
    dear = {
        "vg": "1.05",
        "rate": "1.5",
        "gen": "3 0.2 0 2 -2 1.0 100 1 2 0",
        "second": "2 200 0",
    }
    metrics = optimum(tmp_path, **dear).metrics
    assert metrics["bought_kw"] == pytest.approx(1500.0, abs=0.5)
    assert metrics["ac_cost_per_h"] == pytest.approx(211.09, abs=0.02)


def test_a_grid_that_takes_nothing_back_is_said(tmp_path: Path) -> None:
    """Pmin 0 at the reference bus and cheap energy at bus 3: the source would take 1.2 MW, which the case forbids."""
    result = optimum(tmp_path, pmin="0", gen="3 0.2 0 0.1 -0.1 1.0 100 1 3 0")
    assert result.metrics["violations"] == 1
    assert any(
        "less than allowed from source 'grid'" in warning for warning in result.warnings
    )


def test_a_voltage_limit_of_one_bus_binds(tmp_path: Path) -> None:
    metrics = optimum(tmp_path, vmax="1.005", gen="3 0.2 0 0 0 1.0 100 1 5 0").metrics
    assert (metrics["v_high_at"], metrics["v_high_pu"]) == (
        "3.1",
        pytest.approx(1.005, abs=1e-6),
    )


COSTS = {
    "straight": ("2 50 0", 0.05, None, []),
    "parabola": ("3 4 50 0", 0.05, 4e-6, []),
    "constant": ("2 50 7", 0.05, None, ["MATPOWER.COST_CONSTANT"]),
    "constant alone": ("1 7", 0.0, None, ["MATPOWER.COST_CONSTANT"]),
    "cubic": ("4 1 0 50 0", None, None, ["MATPOWER.COST_DROPPED"]),
    "cubic that is none": ("4 0 0 50 0", 0.05, None, []),
    "concave": ("3 -4 50 0", None, None, ["MATPOWER.COST_DROPPED"]),
    "not finite": ("2 NaN 0", None, None, ["MATPOWER.COST_DROPPED"]),
}


@pytest.mark.parametrize(
    ("row", "linear", "square", "notes"), COSTS.values(), ids=list(COSTS)
)
def test_polynomial_costs(
    tmp_path: Path,
    row: str,
    linear: float | None,
    square: float | None,
    notes: list[str],
) -> None:
    width = len(row.split())
    first = "2 100 0" + " 0" * max(width - 3, 0)
    feeder = read(tmp_path, first=first, second=row + " 0" * max(3 - width, 0))
    unit = feeder.generators[0]
    assert (unit.cost_per_kwh, unit.cost_per_kw2h) == (linear, square)
    assert [note.code for note in feeder.notes] == notes


@pytest.mark.parametrize(
    ("points", "linear", "notes"),
    [
        ("2 0 0 1 60", 0.06, []),
        ("3 -1 -60 0 0 2 120", 0.06, []),
        ("3 0 0 1 60 2 200", None, ["MATPOWER.COST_DROPPED"]),
        ("2 1 60 0 0", None, ["MATPOWER.COST_DROPPED"]),
    ],
)
def test_piecewise_costs(
    tmp_path: Path, points: str, linear: float | None, notes: list[str]
) -> None:
    text = CASE.replace("2 0 0 {second}", "1 0 0 {second}")
    width = len(points.split())
    parts = {**USUAL, "first": "2 100 0" + " 0" * (width - 3), "second": points}
    (tmp_path / "small.m").write_text(text.format(**parts))
    feeder = read_matpower(tmp_path / "small.m")
    assert feeder.generators[0].cost_per_kwh == linear
    assert [note.code for note in feeder.notes] == notes


@pytest.mark.parametrize(
    ("gen", "rated_kva", "p_high_kw"),
    [
        ("3 0.2 0 Inf -Inf 1.0 2 1 0.5 0", 2000.0, 500.0),
        ("3 0.2 0 0 0 1.0 2 1 0 0", 2000.0, 0.0),
        ("3 0.2 0 0 0 1.0 0 1 0 0", 10_000.0, 0.0),
        ("3 -0.2 0 0 0 1.0 100 1 0 -0.8", 800.0, 0.0),
    ],
)
def test_ratings_where_limits_bound_nothing(
    tmp_path: Path, gen: str, rated_kva: float, p_high_kw: float
) -> None:
    unit = read(tmp_path, gen=gen).generators[0]
    assert (unit.rated_kva, unit.p_high_limit_kw) == (rated_kva, p_high_kw)


BAD = {
    "demand": ("2 1 1.0 0.5", "2 1 NaN 0.5", "MATPOWER.NUMBER"),
    "impedance": ("1 2 0.02", "1 2 Inf", "MATPOWER.NUMBER"),
    "power of a generator": ("\n3 0.2 0", "\n3 NaN 0", "MATPOWER.NUMBER"),
    "bus number": ("2 1 1.0 0.5", "2.5 1 1.0 0.5", "MATPOWER.BUS_NUMBER"),
    "bus number below 1": ("2 1 1.0 0.5", "0 1 1.0 0.5", "MATPOWER.BUS_NUMBER"),
    "bus twice": ("3 1 0.8", "2 1 0.8", "MATPOWER.BUS_NUMBER"),
    "type": ("2 1 1.0 0.5", "2 7 1.0 0.5", "MATPOWER.BUS_TYPE"),
}


@pytest.mark.parametrize(("old", "new", "code"), BAD.values(), ids=list(BAD))
def test_numbers_that_no_power_flow_can_use(
    tmp_path: Path, old: str, new: str, code: str
) -> None:
    from tieline.feeders import FeederError

    text = CASE.format(**USUAL)
    assert old in text
    (tmp_path / "small.m").write_text(text.replace(old, new))
    with pytest.raises(FeederError) as raised:
        read_matpower(tmp_path / "small.m")
    assert code in {finding.code for finding in raised.value.findings}


def test_no_optimum_takes_a_cost_that_was_left_out_for_nothing(tmp_path: Path) -> None:
    cubic = {"first": "2 100 0 0 0", "second": "4 1 0 50 0"}
    with pytest.raises(
        InputError, match=r"no optimum without them(?s:.*)generator gen_2"
    ):
        optimum(tmp_path, **cubic)


@pytest.mark.parametrize("first", ["3 4 100 0", "3 -4 100 0"])
def test_a_source_has_one_price_or_none(tmp_path: Path, first: str) -> None:
    feeder = read(tmp_path, first=first, second="2 50 0 0")
    assert feeder.source.cost_per_kwh is None
    assert [(note.code, note.component) for note in feeder.notes] == [
        ("MATPOWER.COST_DROPPED", "source grid")
    ]
    with pytest.raises(InputError, match="price at the source"):
        optimum(tmp_path, first=first, second="2 50 0 0")


def test_costs_follow_their_generators_when_a_bus_is_isolated(tmp_path: Path) -> None:
    """Of three generators the second stands at an isolated bus; the third keeps its 70 per MWh."""
    text = CASE.format(**USUAL)
    for row, more in (
        ("2 0 0 2 50 0;", "2 0 0 2 70 0;"),
        (
            "2 1 1.0 0.5 0 0 1 1 0 12.66 1 1.1 0.9;",
            "4 4 0 0 0 0 1 1 0 12.66 1 1.1 0.9;",
        ),
        (
            "1 0 0 10 -10 1.0 100 1 10 -10 0 0 0 0 0 0 0 0 0 0 0;",
            "4 0.1 0 0.1 -0.1 1.0 100 1 0.5 0 0 0 0 0 0 0 0 0 0 0 0;",
        ),
    ):
        assert row in text
        text = text.replace(row, f"{row}\n{more}")
    (tmp_path / "small.m").write_text(text)
    (unit,) = read_matpower(tmp_path / "small.m").generators
    assert (unit.bus, unit.cost_per_kwh) == ("3", 0.07)


@pytest.mark.parametrize(("limits", "count"), [("0 -0.8", 1), ("0.5 -0.8", 0)])
def test_a_free_power_factor_of_a_load_that_may_be_shed_is_noted(
    tmp_path: Path, limits: str, count: int
) -> None:
    notes = read(tmp_path, gen=f"3 -0.2 -0.1 0 -0.4 1.0 100 1 {limits}").notes
    assert [note.code for note in notes] == ["MATPOWER.POWER_FACTOR_FREE"] * count
