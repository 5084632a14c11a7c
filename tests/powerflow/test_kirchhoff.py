"""Kirchhoff's current law at every node of random feeders, radial and meshed."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import random_feeder
from tieline.network import Network
from tieline.powerflow import solve


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**31), n_buses=st.integers(3, 40), n_loops=st.integers(0, 5))
def test_currents_balance_at_every_node(seed: int, n_buses: int, n_loops: int) -> None:
    network = Network.from_feeder(random_feeder(seed, n_buses, n_loops))
    solution = solve(network, load_scale=np.array([[0.0], [0.5], [1.0]]), tolerance=1e-12)
    assert solution.converged.all()
    assert solution.kcl_residual_pu.max() < 1e-9
    balance = solution.source_kva - solution.load_kva.sum(axis=1) - solution.element_loss_kva[:, _passive(network)].sum(axis=1)
    assert np.abs(balance).max() < 1e-5


def _passive(network: Network) -> list[bool]:
    return [kind != "source" for kind, _ in network.elements]
