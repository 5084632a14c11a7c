"""Growth of speed with the scenarios in a call, by the clock of a stub."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.bench.powerflow import batch_growth
from tieline.bench.powerflow.batch_growth import measure_growth
from tieline.bench.powerflow.peers import Answer, Program, Scenarios
from tieline.feeders import load_feeder


def scenarios(count: int) -> Scenarios:
    network = load_feeder("ieee33").network
    n_loads = network.devices.n_loads
    load_kw = np.ones((count, n_loads))
    return Scenarios(network.feeder, network, load_kw, 0.5 * load_kw)


def test_shares_are_those_of_the_rate_of_the_whole_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A call that takes 1 s and 0.01 s more for each scenario: 16 of 100 take 1.16 s, all take 2 s, one 1.01 s."""

    def timed(scenarios: Scenarios) -> Program:
        count = len(scenarios.load_kw)
        v_pu = np.ones((count, 1), dtype=complex)
        return lambda: Answer(v_pu, 1.0 + 0.01 * count)

    monkeypatch.setattr(batch_growth, "_with_a_solver", timed)
    growth = measure_growth(scenarios(100))
    assert growth.whole == 100
    assert growth.rates == pytest.approx(
        {1: 1 / 1.01, 4: 4 / 1.04, 16: 16 / 1.16, 64: 64 / 1.64, 100: 50.0}
    )
    assert growth.shares[16] == pytest.approx(16 / 1.16 / 50)
    assert growth.shares[100] == 1.0


def test_the_solver_is_given_the_first_scenarios() -> None:
    cases = scenarios(5)
    cases.load_kw[:] *= np.arange(1.0, 6.0)[:, None]
    whole = batch_growth._with_a_solver(cases)()
    part = batch_growth._with_a_solver(cases.first(2))()
    assert len(part.v_pu) == 2
    np.testing.assert_allclose(part.v_pu, whole.v_pu[:2], atol=1e-12)
