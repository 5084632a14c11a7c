"""What a second process compiles beside the first: `python -m tieline.powerflow.compile_ahead PLAN CLAIMS`.

The first process goes the way of a power flow, from its beginning. This one takes what the first comes to last: parts of the loop
in which controls act, and what judges and sums up once there are voltages. It solves nothing: the types of what a kernel is given
are those of a small feeder's arrays, and they are the same for every feeder.

`second_process` starts it, and closes its standard input to end it.
"""

from __future__ import annotations

import os
import sys
import threading

import numpy as np

from tieline.feeders import load_feeder
from tieline.network.network import Network
from tieline.powerflow.batch import Batch, make_batch
from tieline.powerflow.check.balance import judge
from tieline.powerflow.controls.solve import compile_ahead as compile_controls
from tieline.powerflow.kernel.claims import share_claims
from tieline.powerflow.kernel.kernel_cache import SAVING
from tieline.powerflow.losses import series_loss_kva
from tieline.powerflow.second_process import Plan
from tieline.powerflow.solution import Solution

FEEDER = "ieee13"
"""Bundled and small, with regulators."""


def compile_ahead(plan: Plan) -> None:
    """Compile what a power flow needs last, in the order in which it comes to it."""
    network = Network.from_feeder(load_feeder(FEEDER))
    batch = make_batch(network)
    if plan == "acting":
        compile_controls(network, batch.inputs, batch.tap)
    solution = _unsolved(network, batch)
    first_row = np.zeros(1, dtype=np.int64)
    judge(solution, batch.inputs.source_pu, tolerance=1.0, rows=first_row)
    series_loss_kva(network, solution.v_pu, solution.state)


def _unsolved(network: Network, batch: Batch) -> Solution:
    """A solution with voltages of one per unit."""
    zero = np.zeros(1, dtype=np.int64)
    return Solution(
        network,
        np.ones((1, network.n_nodes), dtype=np.complex128),
        zero,
        zero,
        batch.tap,
        batch.state,
        batch.p_kw,
        batch.q_kvar,
        use_band=True,
    )


def _end_with_input() -> None:
    """End this process when its input does."""
    sys.stdin.buffer.read()
    _end()


def _end() -> None:
    """End at once, though not while a kernel is written: to take a process apart that has compiled takes a second, for which the
    first one would wait.
    """
    with SAVING:
        os._exit(0)


def _main(plan: Plan, claims: int) -> None:
    threading.Thread(target=_end_with_input, daemon=True).start()
    share_claims(claims)
    compile_ahead(plan)
    _end()


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))  # type: ignore[arg-type] - as `second_process` wrote it
