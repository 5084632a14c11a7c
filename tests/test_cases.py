"""Every folder in `cases` is a solved feeder: input, tolerance, expected voltages and totals of an independent engine."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.powerflow import Solution, solve

CASES = sorted(
    path.parent for path in (Path(__file__).parent / "cases").glob("*/case.toml")
)

ANGLE_DIGITS = np.radians(5e-7)
"""Expected angles are given to a millionth of a degree."""


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_case(folder: Path) -> None:
    case = tomllib.loads((folder / "case.toml").read_text())
    network = Network.from_feeder(load_feeder(case["feeder"]))
    solution = solve(
        network,
        controls=case["controls"],
        load_model=case["load_model"],
        **_held_taps(network, case),
        tolerance=1e-11,
    )
    if case["controls"] == "feeder":
        assert (
            dict(zip(_regulators(network), solution.taps[0].tolist(), strict=True))
            == case["taps"]
        )
    for point, expected in _expected(folder):
        voltage = _voltage(solution, point)
        assert abs(abs(voltage) - abs(expected)) < case["tolerance_pu"], point
        assert abs(voltage - expected) < case["tolerance_pu"] + ANGLE_DIGITS, point
    _check_totals(solution, case["totals"])


def _regulators(network: Network) -> list[str]:
    return [regulator.name for regulator in network.feeder.regulators]


def _held_taps(network: Network, case: dict[str, Any]) -> dict[str, Any]:
    if case["controls"] == "feeder" or "taps" not in case:
        return {}
    return {"taps": [case["taps"][name] for name in _regulators(network)]}


def _expected(folder: Path) -> list[tuple[str, complex]]:
    with (folder / "expected.csv").open() as file:
        rows = list(csv.DictReader(file))
    return [
        (
            row["point"],
            float(row["v_pu"]) * np.exp(1j * np.radians(float(row["angle_deg"]))),
        )
        for row in rows
    ]


def _voltage(solution: Solution, point: str) -> complex:
    bus, phases = point.rsplit(".", 1)
    index = solution.network.node_index
    first, *second = (
        solution.v_pu[0, index[f"{bus}.{phase}"]] for phase in phases.split("-")
    )
    return (first - second[0]) / np.sqrt(3) if second else first


def _check_totals(solution: Solution, totals: dict[str, float]) -> None:
    """Losses within 0.01 %, or the last digit given; power of the source within the same of its size."""
    size = abs(complex(totals["source_kw"], totals["source_kvar"]))
    source, loss = (
        solution.source_kva[0],
        complex(solution.loss_kw[0], solution.loss_kvar[0]),
    )
    assert source == pytest.approx(
        complex(totals["source_kw"], totals["source_kvar"]), abs=1e-4 * size
    )
    assert loss == pytest.approx(
        complex(totals["loss_kw"], totals["loss_kvar"]), rel=1e-4, abs=1e-3
    )
