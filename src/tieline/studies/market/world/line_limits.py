"""Limits of lines in kW: those that are asked for, and for every other line a multiple of its flow at nominal load.

Nominal are the scheduled loads and the peaks of those beyond the schedule: a line that a customer hangs on was built for it. A
limit told from the base flow, `base-15`, counts from what the line carries on AC at the scheduled load without the market, in
the direction of that flow; the same number holds the other way.
"""

from __future__ import annotations

import numpy as np

from tieline.errors import InputError, unknown_name_message
from tieline.feeders import Feeder
from tieline.network.branches import Branch
from tieline.opf.base_flow_limits import base_flow_limits
from tieline.opf.branch_limits import BranchLimit
from tieline.powerflow import Solution
from tieline.studies.market.flag_texts import (
    FlowLimit,
    parse_flow_limits,
    parse_losses,
)
from tieline.studies.market.stage_config import MarketStageConfig


def line_limits(
    base: Solution, nominal: Solution, config: MarketStageConfig
) -> tuple[BranchLimit, ...]:
    """A limit for every line, those that are asked for first.

    Args:
        base: the feeder at its scheduled load, without the market.
        nominal: with the peaks of the loads beyond the schedule.
        config: which limits are asked for.

    Raises:
        InputError: if a line is unknown or named twice, or its limit comes out below 0; all together.
    """
    by_line: dict[str, BranchLimit] = {}
    problems = []
    for flow_limit in parse_flow_limits(config.limit):
        try:
            limit = _stated_limit(base, flow_limit)
        # whoever mends a configuration wants to see all that is wrong with it
        except InputError as error:
            problems.append(str(error))
            continue
        if limit.name in by_line:
            problems.append(f"limit names line '{limit.name}' twice. Keep one of them.")
        by_line[limit.name] = limit
    if problems:
        raise InputError("\n".join(problems))
    usual = base_flow_limits(
        nominal, config.line_limit_factor, config.line_limit_least_kw
    )
    # a limit that is stated replaces the usual one of its line
    unasked = [limit for limit in usual if limit.name not in by_line]
    return (*by_line.values(), *unasked)


def loss_limits(feeder: Feeder, config: MarketStageConfig) -> dict[str, float]:
    """Highest loss of the lines that have a limit of it, by name [kW].

    Raises:
        InputError: if a line is unknown or named twice; all together.
    """
    by_line: dict[str, float] = {}
    problems = []
    for text, loss_kw in parse_losses(config.loss_limit).items():
        try:
            name = find_line(feeder, text)
        except InputError as error:
            problems.append(str(error))
            continue
        if name in by_line:
            problems.append(f"loss_limit names line '{name}' twice. Keep one of them.")
        by_line[name] = loss_kw
    if problems:
        raise InputError("\n".join(problems))
    return by_line


def _stated_limit(base: Solution, flow_limit: FlowLimit) -> BranchLimit:
    name = find_line(base.network.feeder, flow_limit.line)
    limit_kw = flow_limit.kw
    if flow_limit.is_beyond_base:
        limit_kw += abs(line_flow_kw(base, name))
    if limit_kw < 0:
        raise InputError(
            f"The limit of line '{name}' comes out at {limit_kw:.1f} kW: its flow at the scheduled load is only "
            f"{limit_kw - flow_limit.kw:.1f} kW. Take off less."
        )
    return BranchLimit("line", name, forward_kw=limit_kw, reverse_kw=limit_kw)


def find_line(feeder: Feeder, text: str) -> str:
    """The line of that name, or between two buses as in "24-25"; raises `InputError` with the nearest names."""
    names = {line.name.lower(): line.name for line in feeder.lines}
    if text in names:
        return names[text]
    between = {}
    for line in feeder.lines:
        # nobody should have to know which end of a line is the first
        between[f"{line.from_bus}-{line.to_bus}"] = line.name
        between[f"{line.to_bus}-{line.from_bus}"] = line.name
    if text in between:
        return between[text]
    names_of_lines = [*names, *between]
    where = f"of feeder '{feeder.name}'"
    raise InputError(unknown_name_message("line", text, names_of_lines, where))


def line_flow_kw(solution: Solution, line: str) -> float:
    """Active power into the first end of a line, first scenario [kW]."""
    return _into_first_end_kw(solution, ("line", line.lower()))


def branch_flow_kw(solution: Solution, branch: Branch) -> float:
    """Active power into the first end of a branch, first scenario [kW]."""
    is_transformer = branch.kind in ("transformer", "regulator")
    kind = "transformer" if is_transformer else "line"
    return _into_first_end_kw(solution, (kind, branch.name.lower()))


def _into_first_end_kw(solution: Solution, name: tuple[str, str]) -> float:
    network = solution.network
    element = network.element_index[name]
    is_of_element = network.terminals.element == element
    # an element has a terminal for every phase at each of its ends: the flow is the sum of one end
    is_first_end = is_of_element & (network.terminals.side == 1)
    return float(np.real(solution.terminal_kva[0, is_first_end]).sum())
