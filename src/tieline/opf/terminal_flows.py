"""How what flows into terminal conductors changes with the voltages: forward for directions, backward for weights.

I = Y_t V of the terminals' admittance and S = V conj(I); both are exact where the power flow stands.
"""

from __future__ import annotations

import numpy as np

from tieline.linear.blocks import apply
from tieline.powerflow.solution import Solution
from tieline.typing import ComplexArray, IntArray


def current_changes(
    solution: Solution, scenarios: IntArray, dv_pu: ComplexArray, terminals: IntArray
) -> ComplexArray:
    """Change of the current into terminal conductors, (chosen, direction, chosen terminal) [pu]."""
    network = solution.network
    states = solution.state
    changes = np.empty((*dv_pu.shape[:2], len(terminals)), dtype=complex)
    if len(states) == 1:
        # one row stands for all scenarios: one product does for all
        admittance = network.terminal_admittance(states[0])[terminals]
        flat = dv_pu.reshape(-1, dv_pu.shape[-1])
        return apply(admittance, flat).reshape(changes.shape)
    for place, scenario in enumerate(scenarios):
        admittance = network.terminal_admittance(states[scenario])[terminals]
        changes[place] = apply(admittance, dv_pu[place])
    return changes


def pull_back_terminals(
    solution: Solution, by_current: ComplexArray, by_power: ComplexArray
) -> ComplexArray:
    """Derivative by the voltages of a number that depends on what flows into terminal conductors.

    Args:
        solution: solved scenarios.
        by_current, by_power: its derivative by current and by complex power of each conductor, dRe + j dIm, (scenario,
            terminal) [1/pu]; any number of rows where there is one scenario.

    Returns:
        dRe + j dIm, a row for each of theirs, (row, node) [1/pu].
    """
    network = solution.network
    node = network.terminals.node
    states = solution.state
    bar = np.zeros((len(by_power), network.n_nodes), dtype=complex)
    for k in range(len(bar)):
        # one row stands for all
        scenario = min(k, len(solution.v_pu) - 1)
        state = states[min(scenario, len(states) - 1)]
        # S = V conj(I) depends on the voltages through I, by the admittance, and through V at the terminal itself.
        v = solution.v_pu[scenario, node]
        through_current = by_current[k] + np.conj(by_power[k]) * v
        admittance = network.terminal_admittance(state)
        bar[k] = admittance.conj().T @ through_current
        np.add.at(
            bar[k],
            node,
            by_power[k] * solution.terminal_current_pu[scenario],
        )
    return bar
