"""Limits by name and place, and those that a replay breaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from tieline.opf.infeasible import Relaxation
from tieline.opf.problem import NetworkLimits
from tieline.opf.replay import FEASIBLE_PU
from tieline.typing import BoolArray, FloatArray

LimitKind = Literal["low", "high", "flow"]


class LimitRow(NamedTuple):
    """One limit: the "low" or "high" voltage of a point, or the "flow" of a row of branch limits."""

    kind: LimitKind
    place: int


@dataclass(frozen=True)
class BrokenLimit:
    """A limit that is broken, what it is and would have to be, and by how much it is missed [pu, or relative to it]."""

    row: LimitRow
    change: Relaxation
    miss: float

    def __str__(self) -> str:
        return self.change.change


def broken_limits(
    limits: NetworkLimits, vm_pu: FloatArray, flow: FloatArray
) -> tuple[BrokenLimit, ...]:
    """Every limit that is past by more than solvers leave, worst first.

    Args:
        limits: what is to be kept.
        vm_pu: voltage at the limited points, (point,) [pu].
        flow: value of each row of branch limits, (row,) [A, kVA or kW].
    """
    v_min_pu = limits.v_min_pu
    v_max_pu = limits.v_max_pu
    all_broken = [
        *_voltages(limits, "low", v_min_pu - vm_pu, v_min_pu, vm_pu),
        *_voltages(limits, "high", vm_pu - v_max_pu, v_max_pu, vm_pu),
        *_flows(limits, flow),
    ]
    all_broken.sort(key=lambda broken: -broken.miss)
    return tuple(all_broken)


def _voltages(
    limits: NetworkLimits,
    kind: Literal["low", "high"],
    miss: FloatArray,
    limit_pu: FloatArray,
    vm_pu: FloatArray,
) -> Iterator[BrokenLimit]:
    word = {"low": "lowest", "high": "highest"}[kind]
    for k in _places(miss > FEASIBLE_PU):
        where = f"{word} voltage at {limits.points.names[k]}"
        limit = float(limit_pu[k])
        could_be = float(vm_pu[k])
        change = Relaxation(0, where, limit, could_be, "pu")
        row = LimitRow(kind, k)
        yield BrokenLimit(row, change, float(miss[k]))


def _flows(limits: NetworkLimits, flow: FloatArray) -> Iterator[BrokenLimit]:
    flows = limits.flows
    miss = flows.over(flow)
    for k in _places(miss > FEASIBLE_PU):
        limit = float(flows.limit[k])
        unit = str(flows.unit[k])
        where = f"limit of {flows.names[k]}"
        change = Relaxation(0, where, limit, float(flow[k]), unit)
        yield BrokenLimit(LimitRow("flow", k), change, float(miss[k]))


def _places(is_broken: BoolArray) -> list[int]:
    return np.flatnonzero(is_broken).tolist()
