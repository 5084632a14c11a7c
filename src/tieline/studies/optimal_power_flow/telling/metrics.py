"""Metrics of an optimal power flow, by names that stay the same from version to version; None for what does not exist.

currency                      of all costs and prices
cost_per_h, ac_cost_per_h     by the formulation, and on AC; of the latter `bought_per_h`, `ders_per_h` and minus
                              `served_value_per_h`
cost_before_per_h, loss_before_kw, violations_before   of the feeder as it stands
bought_kw, ders_kw, ders_kvar, shed_kw, loss_kw
v_low_pu, v_low_at, v_high_pu, v_high_at
broken_before                 places that are outside a limit before the DERs act; `study` adds it
held_to_before                "yes" if there is an optimum only with these held to what they have before; `study` adds it
violations, worst_violation_pct   limits that the set-points break on AC
price_low, price_low_at, price_high, price_high_at, source_price
lowest_allowed_pu, highest_allowed_pu   the widest limits of all buses
relaxation_gap_kw, relaxation_gap_at
taps_that_move, violations_after_taps   once regulators are let go
solver, iterations, solver_s
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from tieline.opf import Answer as Optimum
from tieline.opf import Prices, Problem, Replay
from tieline.studies.answer import Metric
from tieline.studies.optimal_power_flow.checked import Checked
from tieline.studies.unjudged import finite_or_none


def make_metrics(
    checked: Checked, prices: Prices, violations: pd.DataFrame, currency: str
) -> dict[str, Metric]:
    """All metrics by name; `violations` is the table of that name."""
    optimum = checked.optimum
    return {
        "currency": currency,
        **_costs(optimum),
        "cost_before_per_h": finite_or_none(checked.before.objective),
        **_powers(checked),
        **_voltages(optimum),
        **_violations(checked, violations),
        **_price_range(optimum, prices),
        **_terms(optimum.problem),
        **_gap(optimum),
        **_after_taps(checked),
        "solver": f"{optimum.method}: {optimum.status}",
        "iterations": optimum.iterations,
        "solver_s": optimum.solve_s,
    }


def _costs(optimum: Optimum) -> dict[str, Metric]:
    """The cost by the formulation, on AC, and the parts of the latter."""
    problem = optimum.problem
    replayed = optimum.replay
    ders = (
        problem.ders.cost * optimum.der_kw
        + problem.ders.cost_square * optimum.der_kw**2
    )
    steps = problem.steps
    served_kw = steps.load_kw * optimum.served
    flexible = problem.flexible
    # load that may not be shed has no value of its own: it is served at any price
    value = np.where(flexible.is_flexible, flexible.value * served_kw, 0.0)
    return {
        "cost_per_h": optimum.objective,
        "ac_cost_per_h": replayed.objective,
        "bought_per_h": float((steps.price * replayed.source_kw).sum()),
        "ders_per_h": float(ders.sum()),
        "served_value_per_h": float(value.sum()),
    }


def _powers(checked: Checked) -> dict[str, Metric]:
    optimum = checked.optimum
    replayed = optimum.replay
    shed_kw = optimum.problem.steps.load_kw * (1 - optimum.served)
    loss_before_kw = float(checked.before.solution.loss_kw[0])
    return {
        "bought_kw": float(replayed.source_kw[0]),
        "ders_kw": float(optimum.der_kw.sum()),
        "ders_kvar": float(optimum.der_kvar.sum()),
        "shed_kw": float(shed_kw.sum()),
        "loss_kw": float(replayed.solution.loss_kw[0]),
        "loss_before_kw": finite_or_none(loss_before_kw),
    }


def _voltages(optimum: Optimum) -> dict[str, Metric]:
    """Lowest and highest voltage on AC of all that have limits, and where."""
    vm_pu = optimum.replay.vm_pu[0]
    names = optimum.problem.limits.points.names
    lowest = int(vm_pu.argmin())
    highest = int(vm_pu.argmax())
    return {
        "v_low_pu": float(vm_pu[lowest]),
        "v_low_at": names[lowest],
        "v_high_pu": float(vm_pu[highest]),
        "v_high_at": names[highest],
    }


def _violations(checked: Checked, violations: pd.DataFrame) -> dict[str, Metric]:
    worst_pct = 0.0
    if len(violations):
        worst_pct = float(violations["excess_pct"].max())
    before = checked.before
    n_before = None
    # without a solution nothing was judged, which is not the same as nothing broken
    if before.solution.converged[0]:
        n_before = len(before.violations)
    return {
        "violations": len(violations),
        "worst_violation_pct": worst_pct,
        "violations_before": n_before,
    }


def _price_range(optimum: Optimum, prices: Prices) -> dict[str, Metric]:
    """The cheapest and the dearest node."""
    total = prices.total[0]
    names = optimum.problem.network.node_names
    cheapest = int(total.argmin())
    dearest = int(total.argmax())
    return {
        "price_low": float(total[cheapest]),
        "price_low_at": names[cheapest],
        "price_high": float(total[dearest]),
        "price_high_at": names[dearest],
    }


def _terms(problem: Problem) -> dict[str, Metric]:
    """Price at the source and the widest voltage limits."""
    return {
        "source_price": float(problem.steps.price[0]),
        "lowest_allowed_pu": float(problem.limits.v_min_pu.min(initial=np.inf)),
        "highest_allowed_pu": float(problem.limits.v_max_pu.max(initial=-np.inf)),
    }


def _gap(optimum: Optimum) -> dict[str, Metric]:
    """The sum of all gaps of the relaxation, and the branch with the largest."""
    if optimum.relaxation_gap_kw is None:
        return {"relaxation_gap_kw": None, "relaxation_gap_at": None}
    gap = optimum.relaxation_gap_kw[0]
    return {
        "relaxation_gap_kw": float(gap.sum()),
        "relaxation_gap_at": optimum.gap_names[int(gap.argmax())],
    }


def _after_taps(checked: Checked) -> dict[str, Metric]:
    """How many regulators would move from where they were held, and what breaks once they have."""
    problem = checked.optimum.problem
    settled = checked.settled
    if not settled.converged[0]:
        return {"taps_that_move": None, "violations_after_taps": None}
    replayed = Replay(
        problem,
        settled,
        checked.optimum.der_kw,
        checked.optimum.served,
        checked.optimum.reduction,
    )
    return {
        "taps_that_move": int((settled.taps[0] != problem.taps).sum()),
        "violations_after_taps": len(replayed.violations),
    }
