"""Impedances, extended wards, motors, lines of direct current and tables of taps and steps: the voltages of pandapower."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

pandapower = pytest.importorskip("pandapower", reason="pandapower is not installed")
from pandapower_nets import (  # noqa: E402  it needs pandapower
    assert_same_voltages,
    base_net,
)
from tieline.feeders.findings import FeederError  # noqa: E402
from tieline.feeders.pandapower import read_pandapower  # noqa: E402


def impedance(net: Any) -> None:
    """Between equal levels, with all that it has to ground."""
    far = pandapower.create_bus(net, 0.4, name="behind")
    pandapower.create_impedance(
        net, 2, far, 0.01, 0.02, 0.4, gf_pu=0.001, bf_pu=0.02, gt_pu=0.0, bt_pu=-0.01
    )
    pandapower.create_load(net, far, 0.02, 0.01, name="of_behind")


def impedance_between_levels(net: Any) -> None:
    """From 20 kV to 0.4 kV, beside the transformer, which shifts no phase then."""
    net.trafo["shift_degree"] = 0.0
    pandapower.create_impedance(net, 0, 2, 0.02, 0.05, 0.4)


def xward(net: Any) -> None:
    """All four powers, and a voltage behind an impedance."""
    pandapower.create_xward(net, 2, 0.01, 0.004, 0.02, 0.005, 0.1, 0.2, 1.01, name="x")


def motor(net: Any) -> None:
    """Part load, scaled."""
    pandapower.create_motor(
        net, 2, 0.02, 0.9, efficiency_percent=90.0, loading_percent=80.0, scaling=1.2
    )


def dcline(net: Any, p_mw: float = 0.01) -> None:
    """From the far end to another feeder of the busbar."""
    other = pandapower.create_bus(net, 0.4, name="other")
    pandapower.create_line(net, 1, other, 0.1, "NAYY 4x150 SE", name="l2")
    pandapower.create_dcline(net, 2, other, p_mw, 2.0, 0.001, 1.0, 1.01, name="dc")


def tap_table(net: Any) -> None:
    """Ratio, angle and short-circuit voltage at the third of three positions."""
    net["trafo_characteristic_table"] = pd.DataFrame(
        {
            "id_characteristic": [0, 0, 0],
            "step": [-1, 0, 1],
            "voltage_ratio": [0.98, 1.0, 1.03],
            "angle_deg": [-2.0, 0.0, 3.0],
            "vk_percent": [5.5, 6.0, 6.5],
            "vkr_percent": [1.3, 1.4, 1.5],
        }
    )
    net.trafo["tap_side"] = "hv"
    net.trafo["tap_pos"] = 1
    net.trafo["tap_changer_type"] = "Tabular"
    net.trafo["tap_dependency_table"] = True
    net.trafo["id_characteristic_table"] = 0


def step_table(net: Any) -> None:
    """A shunt whose power at step 2 is not twice that of step 1."""
    net["shunt_characteristic_table"] = pd.DataFrame(
        {
            "id_characteristic": [0, 0],
            "step": [1, 2],
            "q_mvar": [-0.01, -0.013],
            "p_mw": [0.001, 0.0015],
        }
    )
    pandapower.create_shunt(
        net, 2, -0.05, step=2, step_dependency_table=True, id_characteristic_table=0
    )


CASES: dict[str, Callable[[Any], None]] = {
    "impedance": impedance,
    "impedance between levels": impedance_between_levels,
    "xward": xward,
    "motor": motor,
    "dcline": dcline,
    "dcline backwards": lambda net: dcline(net, -0.01),
    "tap table": tap_table,
    "step table": step_table,
}


@pytest.mark.parametrize("add", CASES.values(), ids=list(CASES))
def test_voltages_are_those_of_pandapower(add: Callable[[Any], None]) -> None:
    net = base_net()
    add(net)
    assert_same_voltages(net)


def test_an_impedance_of_one_way_is_refused() -> None:
    net = base_net()
    pandapower.create_impedance(net, 1, 2, 0.01, 0.02, 0.4, rtf_pu=0.02, xtf_pu=0.02)
    with pytest.raises(FeederError, match="IMPEDANCE_ONE_WAY"):
        read_pandapower(net)


def test_a_tap_position_without_a_line_in_the_table_is_refused() -> None:
    net = base_net()
    tap_table(net)
    net.trafo["tap_pos"] = 2
    with pytest.raises(FeederError, match="tap_pos 2"):
        read_pandapower(net)
