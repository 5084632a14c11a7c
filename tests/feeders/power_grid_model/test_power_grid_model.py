"""A data set gives the voltages here that power-grid-model gives; what cannot be represented is refused by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tieline.errors import InputError
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError
from tieline.feeders.load import load_feeder
from tieline.feeders.power_grid_model import read_power_grid_model
from tieline.feeders.power_grid_model.grid import Grid
from tieline.feeders.power_grid_model.rows import read_components
from tieline.network import Network
from tieline.powerflow import solve

CASES = Path(__file__).parent / "cases"
NAMES = sorted(
    path.name.removesuffix(".expected.json") for path in CASES.glob("*.expected.json")
)
AGREED = 1e-6
"""Of voltages [pu]; the largest difference is 4.7e-7, where hardly anything earths the low side, and elsewhere 3e-8."""


def components(name: str) -> dict[str, list[dict[str, Any]]]:
    return json.loads((CASES / f"{name}.json").read_text())["data"]


def written(path: Path, data: Any, **root: Any) -> Path:
    whole = {"version": "1.0", "type": "input", "is_batch": False, "attributes": {}}
    path.write_text(json.dumps({**whole, "data": data} | root))
    return path


def voltages(feeder: Feeder) -> dict[str, complex]:
    network = Network.from_feeder(feeder)
    solution = solve(network, tolerance=1e-11)
    return dict(zip(network.node_names, solution.v_pu[0].tolist(), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_voltages_are_those_of_power_grid_model(name: str) -> None:
    path = CASES / f"{name}.json"
    answer = voltages(load_feeder(path))
    grid = Grid(name, read_components(path), 50.0)
    expected = json.loads((CASES / f"{name}.expected.json").read_text())
    for node, (sizes, angles) in expected.items():
        for phase, (size, angle) in enumerate(zip(sizes, angles, strict=True), 1):
            v_pu = answer.get(f"{grid.bus_name(int(node))}.{phase}", 0.0)
            assert v_pu == pytest.approx(size * np.exp(1j * angle), abs=AGREED)


def test_rows_may_be_lists_in_the_order_of_the_attributes(tmp_path: Path) -> None:
    data = components("link")
    order = ["u_rated", "id"]
    data["node"] = [[row["u_rated"], row["id"]] for row in data["node"]]  # type: ignore[misc]
    path = written(tmp_path / "lists.json", data, attributes={"node": order})
    buses = read_power_grid_model(path).buses
    assert [bus.kv_ll for bus in buses] == [10.5, 10.5, 0.4, 0.4, 10.5, 0.4]


def test_a_name_is_kept_where_it_is_clear(tmp_path: Path) -> None:
    data = components("link")
    data["node"][1]["name"] = data["node"][2]["name"] = "Twins"
    feeder = read_power_grid_model(written(tmp_path / "names.json", data))
    names = [bus.name for bus in feeder.buses[:3]]
    assert names == ["sub station", "node_2", "node_3"]


def test_a_voltage_regulator_holds_the_voltage(tmp_path: Path) -> None:
    data = components("link")
    unit = data["sym_gen"][0]
    regulator = {"id": 99, "regulated_object": unit["id"], "status": 1, "u_ref": 0.99}
    data["voltage_regulator"] = [regulator]
    answer = voltages(load_feeder(written(tmp_path / "held.json", data)))
    assert abs(answer[f"node_{unit['node']}.1"]) == pytest.approx(0.99, abs=1e-7)


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    data = components("link")
    data["line"][0]["to_node"] = 77
    del data["line"][1]["x1"]
    data["shunt"][0]["id"] = data["line"][0]["id"]
    data["flux_capacitor"] = [{"id": 88}]
    path = written(tmp_path / "wrong.json", data)
    with pytest.raises(FeederError) as caught:
        read_power_grid_model(path)
    codes = {finding.code for finding in caught.value.findings}
    what = {code.removeprefix("POWER_GRID_MODEL.") for code in codes}
    assert what == {"NODE_UNKNOWN", "NUMBER", "ID", "TYPE"}
    assert "no node 77" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"winding_to": 4, "clock": 0}, "WINDINGS"),
        ({"winding_from": 1, "winding_to": 1, "clock": 6}, "WINDINGS"),
    ],
)
def test_windings_without_counterpart_are_refused(
    tmp_path: Path, change: dict[str, int], code: str
) -> None:
    data = components("dyn5_earthed")
    data["transformer"][0].update(change)
    with pytest.raises(FeederError, match=f"POWER_GRID_MODEL.{code}"):
        read_power_grid_model(written(tmp_path / "windings.json", data))


def test_tap_regulators_and_sensors_do_not_act(tmp_path: Path) -> None:
    data = components("link")
    data["transformer_tap_regulator"] = [{"id": 90, "regulated_object": 40}]
    data["sym_voltage_sensor"] = [{"id": 91, "measured_object": 1}]
    feeder = read_power_grid_model(written(tmp_path / "idle.json", data))
    codes = [note.code for note in feeder.notes]
    assert codes == ["POWER_GRID_MODEL.TAP_REGULATOR_DROPPED"]


@pytest.mark.parametrize(
    ("root", "words"),
    [
        ({"type": "update"}, "of type 'update'"),
        ({"data": [{}]}, "no single data set"),
    ],
)
def test_other_data_sets_are_refused(
    tmp_path: Path, root: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        load_feeder(written(tmp_path / "other.json", **{"data": {}} | root))
