"""Combined balances say the same as the single ones, with entries of ordinary size."""

from __future__ import annotations

import numpy as np
import pytest

from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.opf.balances import STIFF_PU, balance_rows


@pytest.mark.parametrize("name", ["ieee13", "ieee123", "ieee33"])
def test_combined_balances(name: str) -> None:
    network = Network.from_feeder(load_feeder(name))
    held = network.source_nodes if network.source_is_ideal else []
    balanced = np.setdiff1d(np.arange(network.n_nodes), held)
    state = network.states.as_feeder
    combined = balance_rows(network, state, balanced)
    # nothing is lost
    assert np.linalg.matrix_rank(combined.toarray(), tol=1e-12) == len(balanced)
    admittance = network.nodal_admittance(state).toarray()[balanced]
    if name == "ieee123":
        assert np.abs(admittance).max() > 100 * STIFF_PU
    assert np.abs(combined.toarray() @ admittance).max() < 100 * STIFF_PU
