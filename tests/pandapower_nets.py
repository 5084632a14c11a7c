"""A small net that tests of the pandapower reader change, and what pandapower says to it."""

from __future__ import annotations

import copy
import warnings
from functools import cache
from typing import Any

import numpy as np
import pandapower

from tieline.feeders.pandapower import read_pandapower
from tieline.network import Network
from tieline.powerflow import Solution, solve


def base_net(std_type: str = "0.4 MVA 20/0.4 kV") -> Any:
    """20 kV source, transformer, 200 m cable, one load of 80 kW."""
    return copy.deepcopy(_base_net(std_type))


@cache
def _base_net(std_type: str) -> Any:
    net = pandapower.create_empty_network()
    mv, lv, far = (
        pandapower.create_bus(net, kv, name=name)
        for kv, name in ((20.0, "mv"), (0.4, "lv"), (0.4, "far"))
    )
    pandapower.create_ext_grid(net, mv, vm_pu=1.02)
    pandapower.create_transformer(net, mv, lv, std_type, name="t")
    pandapower.create_line(net, lv, far, 0.2, "NAYY 4x150 SE", name="l")
    pandapower.create_load(net, far, 0.08, 0.03, name="load")
    return net


def run_pandapower(net: Any, **options: Any) -> tuple[np.ndarray, float]:
    """Complex voltages of all buses [pu] and losses of lines and transformers [kW]."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pandapower.runpp(net, tolerance_mva=1e-11, numba=False, **options)
    voltage = net.res_bus.vm_pu.to_numpy() * np.exp(
        1j * np.radians(net.res_bus.va_degree.to_numpy())
    )
    return voltage, 1e3 * float(net.res_line.pl_mw.sum() + net.res_trafo.pl_mw.sum())


def solve_ours(net: Any) -> Solution:
    """The same net here."""
    return solve(
        Network.from_feeder(read_pandapower(net)), tolerance=1e-11, max_iterations=200
    )


def assert_same(net: Any, **options: Any) -> None:
    """Voltages and losses agree, bus by bus; buses without supply are left out here and NaN there.

    What switches lose is no loss of pandapower's tables.
    """
    loss_kw, solution = assert_same_voltages(net, **options)
    table = solution.branch_table()
    switches = [line.name for line in solution.network.feeder.switches]
    own_kw = solution.loss_kw[0] - table[table.name.isin(switches)].loss_kw.sum()
    np.testing.assert_allclose(own_kw, loss_kw, rtol=1e-6, atol=1e-6)


def assert_same_voltages(net: Any, **options: Any) -> tuple[float, Solution]:
    """Voltages agree, bus by bus; gives pandapower's losses [kW] and our solution."""
    voltage, loss_kw = run_pandapower(net, **options)
    solution = solve_ours(net)
    ours = dict(zip(solution.network.node_names, solution.v_pu[0], strict=True))
    names = [f"{name}.1" for name in net.bus.name]
    for name, value in zip(names, voltage, strict=True):
        if np.isfinite(value):
            assert abs(ours[name] - value) < 1e-7, name
        else:
            assert name not in ours or ours[name] == 0, name
    return loss_kw, solution
