"""Random pandapower nets have the voltages, losses of each element and loadings by current that `runpp` finds, or are refused.

Voltages within 2e-7 pu: pandapower joins buses at a closed coupler, which is a small impedance here.
"""

from __future__ import annotations

import logging
import warnings
from collections import Counter
from typing import Any

import numpy as np
import pytest

from soak.amount import keep_failure, seeds
from soak.pandapower_nets import random_net
from tieline.errors import TielineError
from tieline.feeders import FeederError
from tieline.feeders.pandapower import read_pandapower
from tieline.feeders.problems import require_sound
from tieline.network import Network
from tieline.powerflow import Solution, solve

pandapower = pytest.importorskip("pandapower", reason="pandapower is not installed")

NETS = 30
VOLTAGE_PU = 2e-7
LOSS_KW = 1e-5
"""Beside a millionth of the element's own loss."""

LOADING_PCT = 1e-4
NO_ORACLE = "pandapower has no answer"


def test_random_nets_agree_with_runpp() -> None:
    outcomes = {seed: _compare(random_net(seed)) for seed in seeds(NETS)}
    print(
        f"\n{len(outcomes)} nets: {dict(Counter(verdict for verdict, _ in outcomes.values()).most_common())}"
    )
    failed = {seed: wrong for seed, (_, wrong) in outcomes.items() if wrong}
    for seed in failed:
        keep_failure(f"net{seed}.json", pandapower.to_json(random_net(seed)))
    assert not failed, "\n".join(
        f"seed {seed}: {'; '.join(wrong)}" for seed, wrong in failed.items()
    )
    assert (
        sum(verdict == "agrees" for verdict, _ in outcomes.values()) > len(outcomes) / 2
    )


def _compare(net: Any) -> tuple[str, list[str]]:
    """How a net ended ("agrees", codes of its refusal, ...), and what is wrong."""
    logging.getLogger("pandapower").setLevel(logging.CRITICAL)
    if not _solved_by_pandapower(net):
        return NO_ORACLE, []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            solution = solve(
                Network.from_feeder(require_sound(read_pandapower(net))),
                tolerance=1e-10,
                max_iterations=200,
            )
    except FeederError as error:
        return ", ".join(sorted({finding.code for finding in error.findings})), []
    except TielineError as error:
        return type(error).__name__, [str(error)]
    wrong = [
        *_wrong_voltages(net, solution),
        *_wrong_branches(net, solution, "line"),
        *_wrong_branches(net, solution, "trafo"),
    ]
    return ("differs" if wrong else "agrees"), wrong


def _solved_by_pandapower(net: Any) -> bool:
    try:
        pandapower.runpp(
            net,
            tolerance_mva=1e-10,
            calculate_voltage_angles=True,
            init="dc",
            numba=False,
            max_iteration=50,
        )
    except (pandapower.LoadflowNotConverged, FloatingPointError):
        return False
    # with the source alone it forgets the angle
    return bool(net.res_bus.vm_pu.notna().sum() > 1)


def _wrong_voltages(net: Any, solution: Solution) -> list[str]:
    """The bus that is farthest away; pandapower gives NaN where nothing supplies a bus."""
    index = solution.network.node_index
    phasors = net.res_bus.vm_pu * np.exp(1j * np.radians(net.res_bus.va_degree))
    expected = dict(zip(net.bus.name, phasors.fillna(0), strict=True))
    voltages = {
        name: solution.v_pu[0, index[f"{name}.1"]] if f"{name}.1" in index else 0j
        for name in expected
    }
    away = {name: abs(voltages[name] - expected[name]) for name in expected}
    worst = max(away, key=lambda name: away[name])
    if away[worst] <= VOLTAGE_PU:
        return []
    return [
        f"{worst} {abs(voltages[worst]):.7f} pu, pandapower {abs(expected[worst]):.7f} ({away[worst]:.1e})"
    ]


def _wrong_branches(net: Any, solution: Solution, table: str) -> list[str]:
    """Lines or transformers whose loss or loading is not pandapower's."""
    kind = "line" if table == "line" else "transformer"
    branches = solution.branch_table()
    ours = (
        branches[branches.kind == kind]
        .set_index("name")[["loss_kw", "loading_pct"]]
        .fillna(0)
        .T.to_dict("list")
    )
    results = (
        net[f"res_{table}"]
        .assign(name=net[table].name, loss_kw=1e3 * net[f"res_{table}"].pl_mw)
        .fillna(0)
    )
    wrong = []
    for name, loss_kw, loading_pct in results[
        ["name", "loss_kw", "loading_percent"]
    ].itertuples(index=False):
        # what tieline leaves out has no loss
        our_loss_kw, our_loading_pct = ours.get(name, [0.0, 0.0])
        if not abs(our_loss_kw - loss_kw) <= LOSS_KW + 1e-6 * abs(loss_kw):
            wrong.append(f"{name} loses {our_loss_kw:.6f} kW, pandapower {loss_kw:.6f}")
        if not abs(our_loading_pct - loading_pct) <= LOADING_PCT:
            wrong.append(
                f"{name} is loaded {our_loading_pct:.5f} %, pandapower {loading_pct:.5f}"
            )
    return wrong


@pytest.mark.parametrize(("spoil", "said"), [("sn_mva", "loaded"), ("pfe_kw", "loses")])
def test_a_difference_is_seen(spoil: str, said: str) -> None:
    net = random_net(0)
    assert _solved_by_pandapower(net)
    changed = random_net(0)
    changed.trafo[spoil] *= 1.001
    solution = solve(Network.from_feeder(read_pandapower(changed)), tolerance=1e-11)
    assert any(said in wrong for wrong in _wrong_branches(net, solution, "trafo"))
