"""Metrics of a market run, by names that stay the same from version to version.

    microgrids                     regions while none is merged
    merge_events, merged_minutes   merges and splits, each of two regions; time in which regions are one [min]
    cost_usd                       of what was published: offers, change of losses at the reference price, balancing, exchange
    balancing_cost_usd             the same demand, all of it at the balancing price
    saving_kept_pct                of the money that the program over all DERs saves, the part that the reduced one saves too
    saving_kept_of_ac_pct          the same, of what the AC optimum saves
    cost_gap_to_full_lp_pct, cost_gap_to_ac_opf_pct   how much more the published minutes cost, of the optimum's cost
    violations                     limits that the AC replay breaks, all minutes together
    broken_before                  places that are held to what they have without the market; `study` adds it
    fallbacks                      minutes that the chosen DERs could not answer alone
    bought_at_balancing_kwh        from the main feeder
    der_hit_rate                   sampled choices within 1 % of the best; regret_pct: their mean regret, regret_greedy_pct and
                                   regret_constant_pct that of two rules
    overlap_share                  agents that would have chosen a leader's DER, had it not been hidden; None without policy
    lp_speedup                     time of the full program over that of the reduced one
    clear_ms_p50, clear_ms_p99     of a minute, prices included
    train_games, train_s           of a training in this run or of the policies used; None without
    consensus_rounds               of prices in which regions agreed, the most of a minute; None if never asked
    borders_merged_by_disagreement borders that they did not agree on, all minutes together
    consensus_off                  minutes in which they came to nothing, or to a cost 0.1 % off that of the joint program
    confirm_rounds                 of exchange between regions that solve their own power flow, the most of a minute; or None
    confirm_difference_pu          largest difference of its voltages from those published
    dlmp_min, dlmp_max             nodal price [currency/kWh]; dlmp_loss_part, dlmp_congestion_part: mean parts of it

Costs, energies, payments and sums of prices are of the whole run: a cleared minute stands for those up to the next one.
Violations, fallbacks and times are counted over the cleared minutes (`minutes`), figures of optima over those that have one.
The `usd` in a name is the `currency` of the configuration.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tieline.settings.currency import in_currency
from tieline.studies.answer import Metric
from tieline.studies.market.config import MINUTES_AN_HOUR
from tieline.studies.market.telling.price_table import phase_nodes
from tieline.studies.market.ways.beside import Beside
from tieline.studies.market.ways.record import MinuteRecord
from tieline.studies.market.ways.run import Run
from tieline.studies.market.ways.sampling import CHOSEN, CONSTANT
from tieline.studies.unjudged import finite_or_none
from tieline.typing import FloatArray

SMALLEST_SHARE = 1e-6
"""A saving below this share of the bill is none: what power flows are solved to."""


def make_metrics(run: Run) -> dict[str, Metric]:
    """All metrics by name."""
    return {
        **_of_money(run),
        **_of_keeping(run.records),
        **_of_microgrids(run),
        **_of_choice(run),
        **_of_time(run),
        **_of_prices(run),
    }


def _of_money(run: Run) -> dict[str, Metric]:
    records = run.records
    currency = run.config.currency
    cost = sum(record.cost * record.hours for record in records)
    none = sum(record.cost_none * record.hours for record in records)
    bought_kwh = sum(float(record.bought_kw.sum()) * record.hours for record in records)
    return {
        in_currency("cost", currency): cost,
        in_currency("balancing_cost", currency): none,
        "saving_kept_pct": _saving_kept_pct(records, "full_cost"),
        "saving_kept_of_ac_pct": _saving_kept_pct(records, "ac_cost"),
        "cost_gap_to_full_lp_pct": _gap_pct(records, "full_cost"),
        "cost_gap_to_ac_opf_pct": _gap_pct(records, "ac_cost"),
        "bought_at_balancing_kwh": bought_kwh,
    }


def _with_optimum(
    records: Sequence[MinuteRecord], optimum: str
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Cost without DERs, published, and of an optimum of `Beside`, of the minutes that have it, (minute,) each."""
    rows = []
    for record in records:
        beside: Beside | None = record.beside
        best = np.nan if beside is None else getattr(beside, optimum)
        if np.isfinite(best):
            rows.append((record.cost_none, record.cost, best))
    none, cost, best_cost = np.array(rows).reshape(-1, 3).T
    return none, cost, best_cost


def _saving_kept_pct(records: Sequence[MinuteRecord], optimum: str) -> float | None:
    none, cost, best = _with_optimum(records, optimum)
    possible = float((none - best).sum())
    # a share of next to nothing would be the tolerance of solvers
    if possible <= SMALLEST_SHARE * float(none.sum()):
        return None
    return 100 * float((none - cost).sum()) / possible


def _gap_pct(records: Sequence[MinuteRecord], optimum: str) -> float | None:
    none, cost, best = _with_optimum(records, optimum)
    total = float(best.sum())
    if abs(total) <= SMALLEST_SHARE * float(none.sum()):
        return None
    return 100 * float((cost - best).sum()) / abs(total)


def _of_keeping(records: Sequence[MinuteRecord]) -> dict[str, Metric]:
    return {
        "violations": sum(record.violations for record in records),
        "fallbacks": sum(bool(record.fallbacks) for record in records),
        "minutes": len(records),
    }


def _of_microgrids(run: Run) -> dict[str, Metric]:
    records = run.records
    merged_h = sum(record.hours for record in records if record.is_merged)
    agreements = [record.agreement for record in records if record.agreement]
    rounds = [agreement.rounds for agreement in agreements]
    confirmed = [record.confirmation for record in records if record.confirmation]
    exchanges = [confirmation.rounds for confirmation in confirmed]
    differences_pu = [confirmation.difference_pu for confirmation in confirmed]
    return {
        "microgrids": run.plant.microgrids.n_regions,
        "merge_events": len(run.events),
        "merged_minutes": round(MINUTES_AN_HOUR * merged_h),
        "consensus_rounds": max(rounds, default=None),
        "borders_merged_by_disagreement": sum(len(a.merged) for a in agreements),
        "consensus_off": sum(not agreement.holds for agreement in agreements),
        "confirm_rounds": max(exchanges, default=None),
        "confirm_difference_pu": finite_or_none(max(differences_pu, default=np.nan)),
    }


def _of_choice(run: Run) -> dict[str, Metric]:
    games = run.samples.table()

    def mean(who: str, column: str) -> float | None:
        rows = games[games.who == who]
        # a row is a mean over games of one region: regions with more games count more
        total = float(rows.games.sum())
        if not total:
            return None
        return finite_or_none(float((rows[column] * rows.games).sum()) / total)

    hits_pct = mean(CHOSEN, "hits_pct")
    return {
        "der_hit_rate": None if hits_pct is None else hits_pct / 100,
        "regret_pct": mean(CHOSEN, "regret_pct"),
        "regret_greedy_pct": mean("greedy", "regret_pct"),
        "regret_constant_pct": mean(CONSTANT, "regret_pct"),
        "overlap_share": run.deciders.overlap_share,
        "train_games": run.deciders.train_games,
        "train_s": run.deciders.train_s,
    }


def _of_time(run: Run) -> dict[str, Metric]:
    records = run.records
    clear_ms = [record.clear_ms for record in records]
    pairs = [
        (record.beside.full_ms, record.program_ms)
        for record in records
        if record.beside is not None and np.isfinite(record.beside.full_ms)
    ]
    full_ms, reduced_ms = np.array(pairs).reshape(-1, 2).T
    # without the program over all DERs there is nothing to compare with
    speedup = None
    if len(pairs):
        speedup = float(np.median(full_ms) / np.median(reduced_ms))
    return {
        "clear_ms_p50": float(np.percentile(clear_ms, 50)),
        "clear_ms_p99": float(np.percentile(clear_ms, 99)),
        "lp_speedup": speedup,
    }


def _of_prices(run: Run) -> dict[str, Metric]:
    nodes = phase_nodes(run.plant)
    totals = [record.prices.total[nodes] for record in run.records]
    losses = [record.prices.loss[nodes].mean() for record in run.records]
    congestions = [record.prices.congestion[nodes].mean() for record in run.records]
    return {
        "dlmp_min": float(np.min(totals)),
        "dlmp_max": float(np.max(totals)),
        "dlmp_loss_part": float(np.mean(losses)),
        "dlmp_congestion_part": float(np.mean(congestions)),
    }
