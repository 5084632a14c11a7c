"""The benchmark compares answers, not speed, in a test: every program that runs here agrees with tieline."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.bench.peers import PEERS, CannotRun, Scenarios, run_tieline
from tieline.feeders import load_feeder
from tieline.network import Network


def scenarios(name: str, with_controls: bool = False) -> Scenarios:
    feeder = load_feeder(name)
    scale = np.random.default_rng(0).uniform(0.3, 1.0, (6, len(feeder.loads)))
    p_kw, q_kvar = (np.array([getattr(load, field) for load in feeder.loads]) for field in ("p_kw", "q_kvar"))
    return Scenarios(feeder, Network.from_feeder(feeder), p_kw * scale, q_kvar * scale, with_controls)


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.filterwarnings("ignore")
def test_peers_find_the_same_voltages(peer: str) -> None:
    case = scenarios("ieee33")
    try:
        answer = PEERS[peer](case)
    except CannotRun as error:
        pytest.skip(str(error))
    assert answer.v_pu == pytest.approx(run_tieline(case).v_pu, abs=1e-7)


@pytest.mark.parametrize("with_controls", [False, True])
def test_opendss_agrees_on_an_unbalanced_feeder_with_regulators(with_controls: bool) -> None:
    case = scenarios("ieee123", with_controls)
    assert PEERS["opendss"](case).v_pu == pytest.approx(run_tieline(case).v_pu, abs=1e-6)


def test_a_feeder_that_a_peer_cannot_represent_is_said() -> None:
    with pytest.raises(CannotRun, match=r"only balanced feeders|not installed"):
        PEERS["power-grid-model"](scenarios("ieee13"))
