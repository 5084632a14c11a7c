"""The benchmark compares answers, not speed, in a test: every program that runs here agrees with tieline."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.bench.kit.peers import CannotRun
from tieline.bench.powerflow.measure import draw, thread_counts
from tieline.bench.powerflow.peers import PEERS, Scenarios, make_tieline
from tieline.feeders import load_feeder
from tieline.network import Network


def scenarios(name: str, with_controls: bool = False) -> Scenarios:
    feeder = load_feeder(name)
    scale = np.random.default_rng(0).uniform(0.3, 1.0, (6, len(feeder.loads)))
    p_kw, q_kvar = (
        np.array([getattr(load, field) for load in feeder.loads])
        for field in ("p_kw", "q_kvar")
    )
    return Scenarios(
        feeder, Network.from_feeder(feeder), p_kw * scale, q_kvar * scale, with_controls
    )


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.filterwarnings("ignore")
def test_peers_find_the_same_voltages(peer: str) -> None:
    case = scenarios("ieee33")
    try:
        answer = PEERS[peer](case)()
    except CannotRun as error:
        pytest.skip(str(error))
    assert answer.v_pu == pytest.approx(make_tieline(case)().v_pu, abs=1e-7)


@pytest.mark.parametrize("with_controls", [False, True])
def test_opendss_agrees_on_an_unbalanced_feeder_with_regulators(
    with_controls: bool,
) -> None:
    case = scenarios("ieee123", with_controls)
    assert PEERS["opendss"](case)().v_pu == pytest.approx(
        make_tieline(case)().v_pu, abs=1e-6
    )


def test_a_feeder_that_a_peer_cannot_represent_is_said() -> None:
    with pytest.raises(CannotRun, match=r"only balanced feeders|not installed"):
        PEERS["power-grid-model"](scenarios("ieee13"))


def test_a_program_called_again_gives_the_same_answer() -> None:
    program = PEERS["opendss"](scenarios("ieee123", with_controls=True))
    assert program().v_pu == pytest.approx(program().v_pu, abs=1e-7)


def test_random_loads_keep_their_range_and_power_factor() -> None:
    network = Network.from_feeder(load_feeder("ieee33"))
    drawn = draw(network, seed=0, with_controls=False)
    share = drawn.load_kw / [load.p_kw for load in network.feeder.loads]
    assert share.min() >= 0.3
    assert share.max() <= 1.0
    assert np.allclose(
        drawn.load_kvar / drawn.load_kw,
        [load.q_kvar / load.p_kw for load in network.feeder.loads],
    )


@pytest.mark.parametrize(
    ("most", "counts"), [(1, [1]), (2, [1, 2]), (6, [1, 2, 4, 6]), (8, [1, 2, 4, 8])]
)
def test_thread_counts_double_up_to_all(most: int, counts: list[int]) -> None:
    assert thread_counts(most) == counts
