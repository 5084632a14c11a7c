"""Plans as actions: the entries that ask for what a plan says of a step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tieline.envs.ders.base import DersTask
from tieline.envs.ders.program import Plan
from tieline.typing import FloatArray


def ask_for(task: DersTask, plans: Sequence[Plan], steps: Sequence[int]) -> FloatArray:
    """The action that asks for a step of each plan, (episode, action); plan and step of each episode."""
    action = task.idle_action(len(plans))
    # views of the action: what is written to them stands in it
    kinds = task.of_kind(action)
    pairs = zip(plans, steps, strict=True)
    for episode, (plan, step) in enumerate(pairs):
        battery, pv, flexible = (kind[episode] for kind in kinds)
        _ask_batteries(task, plan, step, battery)
        _ask_pv(task, plan, step, pv)
        _ask_flexible(task, plan, step, flexible)
    return action


def _ask_batteries(task: DersTask, plan: Plan, step: int, entries: FloatArray) -> None:
    """Set P and Q of each battery, (battery, 2)."""
    batteries = task.model.batteries
    entries[:, 0] = plan.battery_kw[step] / batteries.discharge_max_kw
    entries[:, 1] = plan.battery_kvar[step] / batteries.kva
    np.clip(entries, -1.0, 1.0, out=entries)


def _ask_pv(task: DersTask, plan: Plan, step: int, entries: FloatArray) -> None:
    """Set what each inverter spills and its Q, (inverter, 2)."""
    offered_kw = plan.offered_kw[step]
    used_share = np.ones(len(offered_kw))
    np.divide(plan.pv_kw[step], offered_kw, out=used_share, where=offered_kw > 0)
    spilled_share = np.clip(1.0 - used_share, 0.0, 1.0)
    entries[:, 0] = task.spill_entry(spilled_share)
    q_share = plan.pv_kvar[step] / task.model.inverters.kva
    entries[:, 1] = np.clip(q_share, -1.0, 1.0)


def _ask_flexible(task: DersTask, plan: Plan, step: int, entries: FloatArray) -> None:
    """Set what each flexible load curtails and shifts, (flexible load, 2)."""
    devices = task.flexible_loads
    reduction = plan.reduction
    entries[:, 0] = reduction.curtailed_kw[step] / devices.curtail_max_kw
    entries[:, 1] = reduction.shifted_kw[step] / devices.shift_max_kw
    np.clip(entries, 0.0, 1.0, out=entries)
