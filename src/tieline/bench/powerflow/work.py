"""What a solve asks of the machine, counted from its plan: floating-point operations, cache traffic, memory traffic.

Rules of counting, all per scenario, a factor that serves a block of `LANES` scenarios counting one part in `LANES`:

- An addition, subtraction, multiplication, division or square root is one operation. Comparisons and selections are none.
- Cache traffic is every row of lanes that the kernel loads or stores, eight bytes per scenario, whether or not the compiler
  could have kept it in a register, and every shared factor or slope.
- Memory traffic is powers in, and voltages, errors and iteration counts out; what is written counts twice, because a cache line
  is fetched before it is overwritten. Copies made before or after the kernel are not counted.
- Per iteration, on nodes that are not inner: forward and back substitution, device currents, the largest step. Once per
  scenario: rows of power, first voltages, inner nodes, the way out.
- Not counted: the operating point of the batch, factorising, the test of convergence, Newton's method. For a batch at fixed taps
  they are small. Taps that differ between scenarios are factorised for each, which these rules do not describe.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tieline.network import Network
from tieline.powerflow.batch import make_batch
from tieline.powerflow.kernel.device_currents import ROWS_OF_KIND, Ports
from tieline.powerflow.kernel.lanes import LANES
from tieline.powerflow.kernel.pattern import FactorPattern
from tieline.powerflow.kernel.prepare import differing_states, prepare
from tieline.powerflow.kernel.system import System
from tieline.typing import IntArray

NUMBER = 8
"""Bytes of a float64."""

BLOCK = 4
"""Numbers in an entry of the factors and in a slope."""

FLOPS_OF_ENTRY = 8
"""A block of two by two times a vector, taken off another: four multiplications, four subtractions."""

FLOPS_OF_NODE = 11
"""The inverse of the diagonal times a vector (6), the step (2) and its square (3)."""

FLOPS_OF_INNER_NODE = 6
"""The inverse of the diagonal times a vector."""

FLOPS_OF_SOURCE = 2
"""Source current at one per unit times the voltage of the source."""

FLOPS_OF_PORT = 13
"""|v|^2 (3) and the residual current of `device_currents` (10)."""

FLOPS_OF_KIND = (3, 10, 18)
"""g and b: constant power (one division, two multiplications); ZIP; load band, inside the band."""

FLOPS_OF_END = 2
"""One complex addition: taking a voltage difference, or taking a current out of a node."""

FLOPS_OF_TERM = 4
"""P and Q of a device, weighted and added to their row."""

ROWS_OF_NODE = 8
"""x is stored going forward (2); going back x and the old v are loaded, the new v is stored (6)."""

ROWS_OF_INNER_NODE = 2
"""v is stored."""


@dataclass(frozen=True)
class Work:
    """Counts per scenario: of one iteration, and once.

    Attributes:
        iteration_flops, once_flops: floating-point operations.
        iteration_bytes, once_bytes: cache traffic [byte].
        memory_bytes: memory traffic [byte].
        workspace_bytes: what a thread works on in an iteration, for all lanes of a block [byte].
    """

    iteration_flops: float
    once_flops: float
    iteration_bytes: float
    once_bytes: float
    memory_bytes: float
    workspace_bytes: int

    def flops(self, iterations: float) -> float:
        """Operations of a scenario that takes this number of iterations."""
        return self.once_flops + iterations * self.iteration_flops

    def cache_bytes(self, iterations: float) -> float:
        """Cache traffic of a scenario that takes this number of iterations [byte]."""
        return self.once_bytes + iterations * self.iteration_bytes


def count_work(network: Network) -> Work:
    """Work of a scenario of a batch at the taps, steps and line positions of the feeder, loads and source as they come."""
    inputs = make_batch(network).inputs
    system = prepare(network, inputs, differing_states(inputs.state), use_band=False)
    pattern = system.pattern
    ports = system.ports
    nodes = network.n_nodes
    inner = pattern.n_inner
    active = nodes - inner
    entries, inner_entries = _entries(pattern)
    devices = len(network.devices.p_kw)
    terms = len(ports.term_device)
    pairs = len(ports.term_start) - 1

    kind_of_end = ports.kind[ports.end_port]
    flops_of_ends = FLOPS_OF_PORT + FLOPS_OF_END + np.array(FLOPS_OF_KIND)[kind_of_end]
    iteration_flops = (
        FLOPS_OF_ENTRY * entries
        + FLOPS_OF_NODE * active
        + FLOPS_OF_SOURCE * len(network.source_nodes)
        + flops_of_ends.sum()
        + FLOPS_OF_END * _differences(ports)
    )
    once_flops = (
        FLOPS_OF_ENTRY * inner_entries
        + FLOPS_OF_INNER_NODE * inner
        + FLOPS_OF_TERM * terms
    )

    iteration_rows = 2 * entries + ROWS_OF_NODE * active + _rows_of_ports(ports)
    inner_rows = 2 * inner_entries + ROWS_OF_INNER_NODE * inner
    # powers and voltages pass through a tile, from memory to a row or back: two accesses for each number
    rows_of_powers = 4 * devices + 2 * terms + 2 * pairs
    once_rows = inner_rows + rows_of_powers + 2 * active + 4 * nodes
    # factors, slopes and weights serve all lanes of a block
    iteration_shared = BLOCK * (entries + active + len(ports.end_port))
    once_shared = BLOCK * (inner_entries + inner) + 2 * terms

    powers_in = 2 * devices
    # two numbers a voltage; the error and the count of iterations
    results_out = 2 * nodes + 2
    return Work(
        iteration_flops=float(iteration_flops),
        once_flops=float(once_flops),
        iteration_bytes=NUMBER * (iteration_rows + iteration_shared / LANES),
        once_bytes=NUMBER * (once_rows + once_shared / LANES),
        memory_bytes=float(NUMBER * (powers_in + 2 * results_out)),
        workspace_bytes=_workspace_bytes(system),
    )


def executed_iterations(iterations: IntArray) -> float:
    """Iterations that the kernel runs per scenario: all lanes of a block go on until its slowest rests.

    Args:
        iterations: those that each scenario took, (scenario,).
    """
    starts = np.arange(0, len(iterations), LANES)
    # `reduceat` ends a block where the next begins, and the last one, which may be short, with the batch
    slowest = np.maximum.reduceat(iterations, starts)
    executed = np.repeat(slowest, LANES)[: len(iterations)]
    return float(executed.mean())


def _entries(pattern: FactorPattern) -> tuple[int, int]:
    """Entries beside the diagonal that an iteration goes through, and those right of it in inner rows."""
    inner = pattern.n_inner
    left_of_diagonal = pattern.diagonal - pattern.active_start
    right_of_diagonal = pattern.row_start[1:] - pattern.diagonal - 1
    active_entries = left_of_diagonal[inner:].sum() + right_of_diagonal[inner:].sum()
    return int(active_entries), int(right_of_diagonal[:inner].sum())


def _differences(ports: Ports) -> int:
    """Ends of ports between two nodes, whose voltage is a difference."""
    return int((ports.end_other >= 0).sum())


def _rows_of_ports(ports: Ports) -> int:
    """Rows that the ends of ports load: voltages and power."""
    voltages = len(ports.end_port) + _differences(ports)
    power_rows = np.array(ROWS_OF_KIND)[ports.kind[ports.end_port]]
    return 2 * voltages + int(power_rows.sum())


def _workspace_bytes(system: System) -> int:
    """Voltages, right-hand sides and power of a block, and the factors and slopes that all blocks share."""
    kinds = system.ports.kind
    power_rows = np.array(ROWS_OF_KIND)[kinds]
    rows = 4 * len(system.pattern.diagonal) + int(power_rows.sum())
    blocks = system.pattern.n_positions + len(kinds)
    return NUMBER * (LANES * rows + BLOCK * blocks)
