"""The numbers of a power flow by name.

source_kw, source_kvar          what the source delivers
generation_kw, generation_kvar  what DERs inject
current_source_kw, current_source_kvar    what current sources give, where there are any
load_kw, load_kvar              what loads take at their voltage
loss_kw, loss_kvar              of lines and transformers
loss_pct                        of what sources and DERs feed in [%]
shunt_kw, shunt_kvar            what capacitors and shunts take
v_low_pu, v_low_at              lowest voltage and its place; v_high_pu, v_high_at the highest
line_loading_pct, line_loading_at, transformer_loading_pct, transformer_loading_at, unbalance_pct, unbalance_at,
neutral_v, neutral_at           the worst reading and its place; None where there is none
violations                      limits broken, one for each place
places_judged                   readings that are held against a limit
places_dead                     voltage points without supply
iterations                      of the solver
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tieline.powerflow import Solution
from tieline.settings.limits import KINDS, Limits
from tieline.studies.gauges import make_gauges
from tieline.studies.power_flow.flow import Flow

if TYPE_CHECKING:
    from tieline.studies.answer import Metric

WORST_OF = {
    "line-loading": ("line_loading_pct", "line_loading_at"),
    "transformer-loading": ("transformer_loading_pct", "transformer_loading_at"),
    "unbalance": ("unbalance_pct", "unbalance_at"),
    "neutral-voltage": ("neutral_v", "neutral_at"),
}
"""Names of the worst reading of a kind and of its place."""


def make_metrics(flow: Flow) -> dict[str, Metric]:
    """All metrics."""
    return {
        **powers(flow.solution),
        **_voltages(flow),
        **_worst_readings(flow),
        "violations": len(flow.breaches),
        "places_judged": flow.n_judged,
        "places_dead": flow.n_dead,
        "iterations": int(flow.solution.iterations[0]),
    }


def powers(solution: Solution) -> dict[str, float]:
    """Powers, of which what comes in is what goes out [kW, kvar]."""
    elements = solution.network.elements
    is_shunt = [kind in ("capacitor", "shunt") for kind, _ in elements]
    kva = {
        "source": complex(solution.source_kva[0]),
        "generation": complex(solution.der_kva[0].sum()),
        "load": complex(solution.load_kva[0].sum()),
        "loss": complex(solution.loss_kw[0], solution.loss_kvar[0]),
        "shunt": complex(solution.element_loss_kva[0, is_shunt].sum()),
    }
    if solution.network.feeder.current_sources:
        kva["current_source"] = complex(solution.current_source_kva[0].sum())
    named = {}
    for name, power in kva.items():
        named[f"{name}_kw"] = power.real
        named[f"{name}_kvar"] = power.imag
    named["loss_pct"] = _loss_pct(kva)
    return named


def _loss_pct(kva: dict[str, complex]) -> float:
    """Loss over what is fed in; a source that takes power back feeds nothing in."""
    feeding = ("source", "current_source", "generation")
    fed_kw = sum(max(kva[name].real, 0.0) for name in feeding if name in kva)
    if fed_kw == 0:
        return 0.0
    return 100 * kva["loss"].real / fed_kw


def _voltages(flow: Flow) -> dict[str, Metric]:
    low = int(np.argmin(flow.point_pu))
    high = int(np.argmax(flow.point_pu))
    return {
        "v_low_pu": float(flow.point_pu[low]),
        "v_low_at": flow.points.names[low],
        "v_high_pu": float(flow.point_pu[high]),
        "v_high_at": flow.points.names[high],
    }


def _worst_readings(flow: Flow) -> dict[str, Metric]:
    """The worst reading of each kind that is no voltage, whether it has a limit or not."""
    # any number will do: what is read does not depend on the limit
    numbers = {kind.field: 1.0 for kind in KINDS if kind.name in WORST_OF}
    metrics: dict[str, Metric] = {}
    for gauge in make_gauges(flow.network, flow.points, Limits(**numbers)):
        number, place = WORST_OF[gauge.kind.name]
        worst = flow.worst(gauge)
        metrics[number] = None if worst is None else worst[1]
        metrics[place] = None if worst is None else worst[0]
    return metrics
