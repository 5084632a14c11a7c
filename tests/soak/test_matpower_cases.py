"""Random MATPOWER cases have the voltages and losses of a Newton written for them, whatever is written around the numbers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from soak.amount import keep_failure, seeds
from soak.matpower_cases import Flow, random_case, solve_by_newton
from soak.matpower_text import decorated
from tieline.errors import TielineError
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.powerflow import solve

CASES = 60
VOLTAGE_PU = 1e-8
LOSS_KW = 1e-4
NO_ORACLE = "Newton does not converge"


def test_random_cases_agree_with_newton(tmp_path: Path) -> None:
    outcomes = {seed: _compare(seed, tmp_path) for seed in seeds(CASES)}
    print(
        f"\n{len(outcomes)} cases: {dict(Counter(verdict for verdict, _ in outcomes.values()).most_common())}"
    )
    failed = {seed: wrong for seed, (_, wrong) in outcomes.items() if wrong}
    for seed in failed:
        keep_failure(f"c{seed}.m", decorated(random_case(seed), seed))
    assert not failed, "\n".join(
        f"seed {seed}: {wrong}" for seed, wrong in failed.items()
    )
    assert (
        sum(verdict == "agrees" for verdict, _ in outcomes.values()) > len(outcomes) / 2
    )


def _compare(seed: int, folder: Path) -> tuple[str, str]:
    """How a case ended, and what is wrong."""
    case = random_case(seed)
    right = solve_by_newton(case)
    if right is None:
        return NO_ORACLE, ""
    path = folder / f"c{seed}.m"
    path.write_text(decorated(case, seed))
    try:
        network = Network.from_feeder(load_feeder(path))
        solution = solve(network, tolerance=1e-12, max_iterations=500)
    except TielineError as error:
        return f"refused: {str(error)[:160]}", ""
    voltages = {
        name.removesuffix(".1"): volt
        for name, volt in zip(network.node_names, solution.v_pu[0], strict=True)
    }
    ours = Flow(
        np.array([voltages[f"{number:g}"] for number in case.bus[:, 0]]),
        float(solution.loss_kw[0]),
    )
    wrong = _difference(ours, right)
    return ("differs" if wrong else "agrees"), wrong


def _difference(ours: Flow, right: Flow) -> str:
    away = float(np.abs(ours.v_pu - right.v_pu).max())
    if away > VOLTAGE_PU or not abs(ours.loss_kw - right.loss_kw) <= LOSS_KW:
        return f"{away:.1e} pu away, loss {ours.loss_kw:.5f} kW, right {right.loss_kw:.5f} kW"
    return ""


def test_newton_of_two_buses_by_hand() -> None:
    """V2 = 1 - z conj(S/V2): with z = 0.1 pu and S = 0.9 pu, V2 = 0.9 since 1 - 0.1 * 0.9/0.9 = 0.9."""
    case = random_case(0)
    bus, branch = case.bus[:2].copy(), case.branch[:1].copy()
    bus[:, :2], bus[:, 2:6] = [[1, 3], [2, 1]], 0
    bus[1, 2] = 0.9 * 0.9 / 0.9 * case.base_mva
    branch[0, :11] = [1, 2, 0.1, 0, 0, 0, 0, 0, 0, 0, 1]
    gen = np.array([[1, 0, 0, 9, -9, 1.0, 10, 1, 9, 0]])
    flow = solve_by_newton(type(case)(case.base_mva, bus, gen, branch))
    assert flow is not None
    np.testing.assert_allclose(flow.v_pu, [1.0, 0.9], atol=1e-12)
    np.testing.assert_allclose(flow.loss_kw, 0.1 * case.base_mva * 1e3, atol=1e-7)


def test_a_difference_is_seen() -> None:
    right = solve_by_newton(random_case(1))
    assert right is not None
    assert not _difference(right, right)
    assert _difference(Flow(right.v_pu, right.loss_kw + 0.01), right)
    assert _difference(Flow(right.v_pu * (1 + 1e-7), right.loss_kw), right)
