"""Numbers of a cleared interval for people and pages: what it cost, voltages, regions that are one, limits that bind."""

from __future__ import annotations

from typing import Any

import numpy as np

from tieline.service.market.stage import Stage
from tieline.studies.market.ways.minute import MinuteAnswer

V_DIGITS = 5
"""Digits of a voltage that are kept: the power flow is exact to more, and no meter to as many."""


def facts_of(stage: Stage, answer: MinuteAnswer) -> dict[str, Any]:
    """Facts as plain values, the same for the same clearing."""
    clearing = answer.clearing
    minute = clearing.minute
    taps = clearing.solution.taps[0]
    return {
        "demand_kw": minute.covered_kw.tolist(),
        "served_kw": clearing.share_kw.sum(axis=1).tolist(),
        "bought_kw": clearing.bought_kw.tolist(),
        "loss_kw": clearing.loss_kw,
        "cost": clearing.cost.total,
        "cost_without_devices": clearing.none_cost,
        "reference_price": minute.reference_price,
        "balancing_price": minute.balancing_price,
        "regions": answer.labels.tolist(),
        "load_centroids": answer.ratio.tolist(),
        "binding": list(clearing.binding),
        "taps": np.asarray(taps).tolist(),
        "v_low_pu": float(clearing.vm_pu.min()),
        "v_high_pu": float(clearing.vm_pu.max()),
        "v_pu": _voltages(stage, answer),
        "steps": [*answer.choice.fallbacks, *clearing.fallbacks],
    }


def _voltages(stage: Stage, answer: MinuteAnswer) -> dict[str, float]:
    """Magnitude at every node, by its name."""
    names = stage.plant.network.node_names
    magnitude_pu = np.abs(answer.clearing.v_pu).round(V_DIGITS).tolist()
    return dict(zip(names, magnitude_pu, strict=True))
