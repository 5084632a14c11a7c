"""What a second process compiles beside the first: `python -m tieline.powerflow.compile_ahead PLAN CLAIMS`.

The first process goes the way of a power flow, from its beginning. This one begins at the end: with what is judged and summed up
once voltages are there, and with those parts of the loop that the first comes to last. It solves nothing: the types of what a
kernel is given are those of a small feeder's arrays.

Started by `second_process`, whose end of the pipe at standard input closes when the first process ends, and this one with it.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

import numpy as np

from tieline.feeders import load_feeder
from tieline.network.network import Network
from tieline.powerflow.batch import Batch, make_batch
from tieline.powerflow.check.balance import judge
from tieline.powerflow.controls.solve import compile_ahead as compile_controls
from tieline.powerflow.kernel.claims import share_claims
from tieline.powerflow.kernel.kernel_cache import SAVING
from tieline.powerflow.losses import series_loss_kva
from tieline.powerflow.solution import Solution

FEEDER = "ieee13"
"""Bundled and small, with regulators."""


def main(plan: str, claims: int) -> None:
    """Compile what the plan says."""
    threading.Thread(target=_end_with_input, daemon=True).start()
    share_claims(claims)
    compile_ahead(plan)


def compile_ahead(plan: str) -> None:
    """Compile what the first process needs last."""
    network = Network.from_feeder(load_feeder(FEEDER))
    batch = make_batch(network)
    solution = _unsolved(network, batch)
    series_loss_kva(network, solution.v_pu, solution.state)
    if plan == "acting":
        compile_controls(network, batch.inputs, batch.tap)
    judge(solution, batch.inputs.source_pu, tolerance=1.0, rows=np.zeros(1, np.int64))


def _unsolved(network: Network, batch: Batch) -> Solution:
    """A solution with the voltages of no load."""
    v_pu = np.ones((1, network.n_nodes), dtype=np.complex128)
    nobody = np.zeros(1, dtype=np.int64)
    return Solution(
        network,
        v_pu,
        outcome=nobody,
        iterations=nobody,
        taps=batch.tap,
        state=batch.state,
        p_kw=batch.p_kw,
        q_kvar=batch.q_kvar,
        use_band=True,
    )


def _end_with_input() -> None:
    """End this process when its input does, though not while it writes a kernel."""
    sys.stdin.buffer.read()
    with SAVING:
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
