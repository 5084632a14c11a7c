"""What a reader of an optimal power flow has to know beside its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from tieline.counted import counted
from tieline.opf import Answer
from tieline.reports.numbers import told_apart, with_unit
from tieline.reports.remarks import Remark, approximated, broken
from tieline.studies.answer import Metric
from tieline.studies.broken_before import tell_broken_before
from tieline.studies.load_model import tell_load_model
from tieline.studies.optimal_power_flow.config import OptimalPowerFlowConfig

TIGHT = 1e-4
"""Gap of a relaxation over the load served, and cost of a model over that on AC, up to which they count as equal: the agreement
that the formulations are tested for."""

STORAGE_MAY = {
    "keep": "must hold as much after the hour as before",
    "free": "may be emptied in the hour",
}

NOTICED = 1e-6
"""Share of the cost by which set-points must be dearer before it is said: less is what a solver leaves."""

NAMED = 3
"""Broken limits that a sentence names."""


def make_remarks(
    answer: Answer,
    config: OptimalPowerFlowConfig,
    metrics: dict[str, Metric],
    tables: Mapping[str, pd.DataFrame],
) -> list[Remark]:
    """Broken limits first, then what was approximated, left out or assumed; one sentence each."""
    solution = answer.replay.solution
    caveats = [
        *_before(metrics),
        *_accuracy(answer, metrics, config.currency),
        *(f"{text[:1].upper()}{text[1:]}." for text in answer.approximations),
        *_controls(metrics),
        *_terms(answer, config),
        *_devices(answer, config),
        *_unrated(answer),
        *tell_load_model(solution, config.load_model, "With the set-points"),
    ]
    return [
        *broken(_broken(tables["violations"])),
        *_kept(answer, config, metrics, tables["broken_before"]),
        *approximated(caveats),
    ]


def _kept(
    answer: Answer,
    config: OptimalPowerFlowConfig,
    metrics: dict[str, Metric],
    before: pd.DataFrame,
) -> list[Remark]:
    """Which limits are held to what there is before, where that had to be."""
    if metrics["held_to_before"] == "no":
        return []
    feeder = answer.problem.network.feeder
    why = "No set-points keep all limits. Those that are broken before are held to what there is then."
    return [*broken([why]), *tell_broken_before(before, feeder, config)]


def _broken(violations: pd.DataFrame) -> Iterator[str]:
    if len(violations):
        worst = violations.head(NAMED).itertuples()
        named = "; ".join(
            f"{one.what} {one.place} ({one.value:.5g} {one.unit}, limit {one.limit:.5g})"
            for one in worst
        )
        more = ""
        if len(violations) > NAMED:
            more = f"; and {len(violations) - NAMED} more"
        yield f"On AC the set-points break {counted(len(violations), 'limit')}: {named}{more}."


def _before(metrics: dict[str, Metric]) -> Iterator[str]:
    """What the feeder breaks without the set-points."""
    # None is not 0: nothing was judged
    if metrics["violations_before"] is None:
        yield "As it stands, before the DERs act, the feeder has no power-flow solution: what it breaks then was not judged."
    elif metrics["violations_before"]:
        count = counted(int(metrics["violations_before"]), "limit")
        yield f"As it stands, before the DERs act, the feeder breaks {count}."


def _accuracy(
    answer: Answer, metrics: dict[str, Metric], currency: str
) -> Iterator[str]:
    foreseen = answer.objective
    ac = answer.replay.objective
    if abs(foreseen - ac) > TIGHT * abs(ac):
        foreseen_words = told_apart(foreseen, ac, currency)
        yield f"The model foresees a cost of {foreseen_words} per hour, AC says {with_unit(ac, currency)}."
    before = metrics["cost_before_per_h"]
    is_sound = metrics["violations_before"] == 0
    if isinstance(before, float) and is_sound and ac - before > NOTICED * abs(ac):
        yield (
            f"On AC the set-points cost more than the feeder as it stands ({with_unit(before, currency)} per hour), which breaks "
            "no limit: the model does not see what AC sees. Leave the DERs as they are, or make the two alike, as --load-model "
            "zip does for loads outside their voltage band."
        )
    gap_kw = 0.0
    if answer.relaxation_gap_kw is not None:
        gap_kw = answer.relaxation_gap_kw.sum()
    served_kw = float((answer.problem.steps.load_kw * answer.served).sum())
    if gap_kw > TIGHT * served_kw:
        yield (
            f"The relaxation is not tight: it loses {gap_kw:.4g} kW that the feeder would not, most of it in "
            f"{metrics['relaxation_gap_at']}. Nothing proves the set-points optimal; use the NLP."
        )
    if answer.method == "nlp":
        yield "The optimum is a local one; where the SOCP applies and is tight, it proves it global."


def _controls(metrics: dict[str, Metric]) -> Iterator[str]:
    moves = metrics["taps_that_move"]
    if moves is None:
        yield (
            "Regulators were held while the optimum was sought. Let go with these set-points, the power flow has no solution: "
            "where they would rest was not judged."
        )
    if moves:
        yield (
            f"Regulators were held while the optimum was sought. With these set-points {moves} would move on, and "
            f"{metrics['violations_after_taps']} limits be broken then."
        )


def _terms(answer: Answer, config: OptimalPowerFlowConfig) -> Iterator[str]:
    """Which price is assumed, and which of the feeder's own limits count."""
    problem = answer.problem
    feeder = problem.network.feeder
    fixed = [der.name for der in feeder.ders if not der.controllable]
    if config.price is None and feeder.source.cost_per_kwh is None:
        price = problem.steps.price[0]
        yield (
            f"Nobody states the price of energy at the source: {price:g} {config.currency} per kWh is assumed. Give it "
            "with --price."
        )
    if fixed:
        yield f"{len(fixed)} of {problem.n_ders} DERs may not be controlled and keep their set-points, the first {fixed[0]}."
    low_pu, high_pu = config.band_pu
    yield from _replaced(
        "A lowest", low_pu, [bus.v_low_limit_pu for bus in feeder.buses]
    )
    yield from _replaced(
        "A highest", high_pu, [bus.v_high_limit_pu for bus in feeder.buses]
    )


def _replaced(
    which: str, value_pu: float | None, limits_pu: list[float | None]
) -> Iterator[str]:
    """How many buses have a limit of their own that the one asked for takes the place of."""
    if value_pu is None:  # each bus keeps its own
        return
    count = len([limit for limit in limits_pu if limit not in (None, value_pu)])
    if count:
        yield f"{which} voltage of {value_pu:g} pu takes the place of the limits that {count} buses have in the feeder."


def _devices(answer: Answer, config: OptimalPowerFlowConfig) -> Iterator[str]:
    problem = answer.problem
    has_no_cost = (problem.ders.cost[0] == 0) & (problem.ders.cost_square[0] == 0)
    free = int(np.count_nonzero(has_no_cost))
    if free:
        yield f"{free} of {problem.n_ders} DERs cost nothing. Give costs with --ders, --der-costs or --der-cost."
    if len(problem.storage.batteries.names):
        yield f"Storages {STORAGE_MAY[config.storage]}: what energy is worth later is not looked at."
    if answer.both_kw > TIGHT * float(problem.ders.kva.max(initial=1.0)):
        yield f"A storage charges and discharges {answer.both_kw:.4g} kW at once in the optimum; the set-point is the difference."


def _unrated(answer: Answer) -> Iterator[str]:
    network = answer.problem.network
    limited = set(answer.problem.limits.flows.element.tolist())
    carrying = {
        "line": [line.name for line in network.feeder.lines if line.closed],
        "transformer": [
            transformer.name for transformer in network.feeder.transformers
        ],
    }
    for kind, names in carrying.items():
        elements = [network.element_index[kind, name.lower()] for name in names]
        count = sum(element not in limited for element in elements)
        if count:
            yield f"{count} {kind}s have no limit: they may carry anything."
