"""What a reader of a reserve run must know beside its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from tieline.envs.reserve.task import ReserveTask
from tieline.reports.remarks import Remark, approximated, broken
from tieline.settings.fields import LoadModelAsked
from tieline.studies.load_model import tell_load_model
from tieline.studies.reserve.ways.cases import CaseAnswer
from tieline.studies.reserve.ways.policies import NONE_FITS
from tieline.studies.trained import Trained


def make_remarks(
    answers: Sequence[CaseAnswer],
    held_out: pd.DataFrame | None,
    trained: Trained | None,
    task: ReserveTask,
    load_model: LoadModelAsked,
) -> list[Remark]:
    """All remarks, one sentence each.

    Args:
        answers: of the cases.
        held_out: gaps on unseen requests, if there were any.
        trained: the policies, if there are any.
        task: on which they decide.
        load_model: that was asked for.
    """
    breaches = [text for answer in answers for text in _violations(answer, task)]
    caveats = []
    if trained is None:
        caveats.append(NONE_FITS)
    for answer in answers:
        caveats += _unsolved(answer)
        if trained is not None:
            caveats += _outside(answer, task)
    if held_out is not None:
        caveats += _not_judged(held_out)
    first = answers[0]
    what = f"{first.case.name}, of everybody's allocations"
    caveats += tell_load_model(first.effect.solution, load_model, what)
    return [*broken(breaches), *approximated(caveats)]


def _unsolved(answer: CaseAnswer) -> Iterator[str]:
    names = [answer.who[k] for k in np.flatnonzero(~answer.effect.solved)]
    if names:
        yield f"{answer.case.name}: the power flow has no solution with the allocation of {', '.join(names)}."


def _outside(answer: CaseAnswer, task: ReserveTask) -> Iterator[str]:
    """A case beyond what was drawn in training: the policy has to guess there."""
    case = answer.case
    config = task.config
    capacity_kw = max(sum(case.capacity_kw), np.finfo(float).tiny)
    share_pct = 100.0 * case.request_kw / capacity_kw
    capacities = (config.smallest_capacity_kw, config.largest_capacity_kw)
    bids = (config.lowest_bid_cents, config.highest_bid_cents)
    requests = (config.lowest_request_pct, config.highest_request_pct)
    ranges = (
        ("capacity", "kW", case.capacity_kw, *capacities),
        ("bid", "cents/kWh", case.bid_cents, *bids),
        ("request", "% of all capacity", (share_pct,), *requests),
    )
    for what, unit, values, low, high in ranges:
        if min(values) < low or max(values) > high:
            yield f"{case.name}: a {what} lies outside the range the policy was trained on, {low:g} to {high:g} {unit}."


def _violations(answer: CaseAnswer, task: ReserveTask) -> Iterator[str]:
    low_pu, high_pu = task.config.band_pu
    effect = answer.effect
    ranges = zip(answer.who, effect.lowest_pu, effect.highest_pu, strict=True)
    for who, low, high in ranges:
        if low < low_pu or high > high_pu:
            yield (
                f"{answer.case.name}: with the allocation of {who} voltages are {low:.4f} to {high:.4f} pu; allowed are "
                f"{low_pu:g} to {high_pu:g}."
            )


def _not_judged(held_out: pd.DataFrame) -> Iterator[str]:
    if not held_out["unjudged"].any():
        return
    worst = held_out.loc[held_out["unjudged"].idxmax()]
    yield (
        f"Up to {worst['unjudged']} of {worst['requests']} unseen requests (with {worst['who']}) have no power-flow solution "
        "and were not judged: gaps are of the others."
    )
