"""The raw OpenDSS feeders, read and solved, against OpenDSS' own solutions: taps with controls on, and voltages with those
taps held.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.powerflow import solve

RAW = {
    "ieee13": "ieee13/IEEE13Nodeckt.dss",
    "ieee34mod1": "ieee34/ieee34Mod1.dss",
    "ieee34mod2": "ieee34/ieee34Mod2.dss",
    "ieee37": "ieee37/ieee37.dss",
    "ieee123": "ieee123/IEEE123Master.dss",
    "european_lv": "european_lv/Master.dss",
    "ieee8500": "ieee8500/Master.dss",
    "ieee8500unbal": "ieee8500/Master-unbal.dss",
}
LOSS_KW = {
    "ieee13": 112.391,
    "ieee34mod1": 273.513,
    "ieee34mod2": 273.538,
    "ieee37": 152.345,
    "ieee123": 95.978,
    "european_lv": 0.880,
    "ieee8500": 1210.259,
    "ieee8500unbal": 1274.462,
}
"""Losses of lines and transformers with the load band, from the same solutions."""

WIDEBAND = (
    "ieee13-opendss-controloff",
    "ieee34mod1-opendss-controloff",
    "ieee123-opendss-controloff",
    "european_lv-opendss",
)


@pytest.mark.parametrize("name", RAW)
def test_taps_and_voltages_with_the_load_band(shared_dir: Path, name: str) -> None:
    network = Network.from_feeder(load_feeder(shared_dir / "feeders" / RAW[name]))
    controlled = solve(network, load_model="opendss-band")
    taps = dict(
        zip(
            (regulator.name for regulator in network.feeder.regulators),
            controlled.taps[0].tolist(),
            strict=True,
        )
    )
    assert taps == _reference_taps(shared_dir, name)
    held = solve(
        network,
        taps=controlled.taps[0],
        controls="off",
        load_model="opendss-band",
        tolerance=1e-11,
        max_iterations=300,
    )
    _compare(network, held.v_pu[0], shared_dir / "reference" / f"{name}-opendss.csv")
    assert held.loss_kw[0] == pytest.approx(LOSS_KW[name], rel=1e-4, abs=5e-4)


@pytest.mark.parametrize("reference", WIDEBAND)
def test_voltages_with_zip_loads_at_any_voltage(
    shared_dir: Path, reference: str
) -> None:
    network = Network.from_feeder(
        load_feeder(shared_dir / "feeders" / RAW[reference.split("-")[0]])
    )
    solution = solve(network, controls="off", load_model="zip", tolerance=1e-11)
    _compare(
        network,
        solution.v_pu[0],
        shared_dir / "reference" / f"{reference}-wideband.csv",
    )


def _compare(network: Network, v_pu: np.ndarray, path: Path) -> None:
    with path.open() as file:
        for row in csv.DictReader(file):
            expected = float(row["v_magnitude_pu"]) * np.exp(
                1j * np.radians(float(row["v_angle_deg"]))
            )
            assert abs(v_pu[network.node_index[row["node"]]] - expected) < 1e-6, row[
                "node"
            ]


def _reference_taps(shared_dir: Path, name: str) -> dict[str, int]:
    path = shared_dir / "reference" / f"{name}-controls.csv"
    if not path.exists():
        return {}
    with path.open() as file:
        return {
            row["control_or_name"]: int(row["tap_number_or_state"])
            for row in csv.DictReader(file)
            if row["kind"] == "regulator"
        }
