"""What a market result must say about itself: what broke, what had to be mended, what was approximated."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from tieline.counted import counted
from tieline.profiles.told import tell_unasked_place
from tieline.reports.clock import moment_words
from tieline.reports.numbers import format_number
from tieline.reports.remarks import Remark, approximated, broken
from tieline.studies.broken_before import tell_broken_before
from tieline.studies.load_model import tell_load_model
from tieline.studies.market.ways.consensus import SAME_COST
from tieline.studies.market.ways.record import MinuteRecord
from tieline.studies.market.ways.run import Run
from tieline.studies.unjudged import finite_or_none

NOTICED_KW = 0.05
"""Power below which nothing is said of it: it shows as 0."""

SMALLEST_DIFFERENCE = 1e-6
"""Of two answers to one question, in pu or currency/h: what lies below is what solvers leave."""


def make_remarks(run: Run, broken_before: pd.DataFrame) -> list[Remark]:
    """One sentence each; `broken_before` is the table of that name."""
    breaches = tell_broken_before(broken_before, run.plant.feeder, run.config)
    texts = [
        *_of_microgrids(run),
        *_of_binding(run),
        *_of_lines(run),
        *_of_fallbacks(run),
        *_of_balancing(run),
        *_of_surplus(run),
        *_of_optima(run),
        *_of_consensus(run),
        *_of_confirming(run),
        *_of_choice(run),
        *_of_model(run),
    ]
    moment = "At the scheduled load"
    texts += tell_load_model(run.plant.base, run.config.load_model, moment)
    if run.plant.feeder.pvs:
        profiles = run.config.drawn_profiles
        texts += tell_unasked_place(run.plant.feeder, profiles, None)
    return [*broken(_of_kept(run)), *breaches, *approximated(dict.fromkeys(texts))]


def _when(record: MinuteRecord) -> str:
    return moment_words(record.time)


def _at_most(difference: float) -> str:
    """What is no more than the tolerance of a solver is said to be small, and not how small."""
    return format_number(max(difference, SMALLEST_DIFFERENCE))


def _of_microgrids(run: Run) -> Iterator[str]:
    """Where the feeder has fewer microgrids than it was divided into."""
    microgrids = run.plant.microgrids
    if microgrids.n_joined:
        n_divided = microgrids.n_regions + microgrids.n_joined
        yield (
            f"{counted(n_divided, 'microgrid')} became {microgrids.n_regions}: where DERs give less than the load, a microgrid "
            "is joined with a neighbour (--no-adequate keeps it)."
        )


def _of_kept(run: Run) -> Iterator[str]:
    """Minutes in which limits are held to what there is without the market."""
    count = sum(bool(record.kept) for record in run.records)
    if count:
        yield (
            f"In {count} of {counted(len(run.records), 'minute')} no set-points keep all limits. There, those that are broken "
            "without the market are held to what there is then."
        )


def _of_binding(run: Run) -> Iterator[str]:
    """Limits that hold the DERs back."""
    names = sorted({name for record in run.records for name in record.bound_rows})
    if names:
        first_names = ", ".join(names[:3])
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield f"Limits that bind in some minute: {first_names}{more}."


def _of_lines(run: Run) -> Iterator[str]:
    """A limit that nobody stated, and that may bind all the same."""
    config = run.config
    least = format_number(config.line_limit_least_kw)
    yield (
        f"A line without a limit of its own (--limit) may carry {config.line_limit_factor:g} times its flow at nominal load, and "
        f"{least} kW at the least (--line-limit-factor, --line-limit-least-kw); ratings of the file are not looked at."
    )


def _of_fallbacks(run: Run) -> Iterator[str]:
    mended = [record for record in run.records if record.fallbacks]
    if mended:
        yield (
            f"In {len(mended)} of {counted(len(run.records), 'minute')} the DERs that were chosen could not cover the demand "
            f"within the limits, and more were called; first on {_when(mended[0])}: {mended[0].fallbacks[0]}."
        )


def _of_balancing(run: Run) -> Iterator[str]:
    bought = [record for record in run.records if record.bought_kw.sum() > NOTICED_KW]
    if bought:
        yield (
            f"In {counted(len(bought), 'minute')} power is bought from the main feeder at the balancing price, although DERs "
            f"stand in the regions: they give all they can or cost more; first on {_when(bought[0])}."
        )
    relieved = [r for r in run.records if r.relief_kw.sum() > NOTICED_KW]
    if relieved:
        yield (
            f"In {counted(len(relieved), 'minute')} DERs give more than all demand, because a limit needs it; first on "
            f"{_when(relieved[0])}."
        )
    dark = [record for record in run.records if not record.p_max_kw.any()]
    if dark:
        yield (
            f"No DER can give anything in {counted(len(dark), 'minute')}, first on {_when(dark[0])}: all demand is bought "
            "from the main feeder there."
        )


def _of_surplus(run: Run) -> Iterator[str]:
    """Where less is taken than was scheduled."""
    below = [record for record in run.records if record.has_surplus]
    if below:
        yield (
            f"In {counted(len(below), 'minute')} a region takes less than its schedule, first on {_when(below[0])}: nothing is "
            "bought for it, and the surplus stays with the main feeder."
        )


def _of_optima(run: Run) -> Iterator[str]:
    beside = [record.beside for record in run.records if record.beside is not None]
    if not beside:
        yield "No optimum over all DERs stands beside the minutes: none was asked for (--optimum-every)."
        return
    missing = sum(finite_or_none(optima.ac_cost) is None for optima in beside)
    if missing:
        yield f"Of {counted(len(beside), 'minute')} with an optimum beside, {missing} have no AC optimum: the solver gave up."


def _of_consensus(run: Run) -> Iterator[str]:
    """What became of the minutes that regions settled among themselves."""
    agreements = [record.agreement for record in run.records if record.agreement]
    if not agreements:
        return
    off = sum(not agreement.holds for agreement in agreements)
    gaps = [abs(a.cost - a.joint_cost) for a in agreements if np.isfinite(a.cost)]
    if gaps:
        largest = f"{_at_most(max(gaps))} {run.config.currency}/h"
        yield (
            f"In {counted(len(agreements), 'minute')} the regions also settled by prices among themselves, each with its own "
            f"program: the cost differs from the joint program's by at most {largest}."
        )
    if off:
        yield (
            f"In {off} of {counted(len(agreements), 'minute')} the regions did not agree: they came to no answer, or to one "
            f"whose cost is more than {100 * SAME_COST:g} % off the joint program's."
        )


def _of_confirming(run: Run) -> Iterator[str]:
    """What regions said of the power flow, each having solved its own."""
    if run.cannot_confirm:
        yield f"Regions cannot confirm power flows: {run.cannot_confirm}"
    confirmed = [record.confirmation for record in run.records if record.confirmation]
    if not confirmed:
        return
    rounds = max(confirmation.rounds for confirmation in confirmed)
    differences_pu = [confirmation.difference_pu for confirmation in confirmed]
    yield (
        f"In {counted(len(confirmed), 'minute')} the regions confirmed the published power flow, each solving its own: at most "
        f"{counted(rounds, 'round')} of exchange, voltages within {_at_most(max(differences_pu))} pu."
    )


def _of_choice(run: Run) -> Iterator[str]:
    chosen_by = f"DERs are chosen by: {run.deciders.words}"
    if run.watched.watches and run.config.choice != "all":
        chosen_by += "; merged regions choose greedily"
    yield f"{chosen_by}."
    yield from run.deciders.remarks
    large = run.samples.too_large
    if large:
        names = ", ".join(
            "+".join(str(k + 1) for k in group) for group in sorted(large)
        )
        yield f"Choices of region {names} are not held against every set: there are too many of them to be tried."


def _of_model(run: Run) -> Iterator[str]:
    plant = run.plant
    if plant.first_seller:
        yield (
            f"The feeder's own DERs ({plant.first_seller}) keep to their snapshot and sell nothing; name sellers with --ders."
        )
    if plant.sellers.reach_zero:
        yield "Offers that their swing would take below 0 are 0 then: energy below 0 would be bought without end."
    if run.config.every_minutes > 1:
        yield (
            f"Every {run.config.every_minutes}th minute is cleared and stands for those up to the next; --every-minutes 1 clears "
            "each."
        )
    outside = plant.region_of_load < 0
    moved_kw = np.abs(np.array([load.p_kw for load in plant.feeder.loads]))[outside]
    if moved_kw.any():
        yield "Loads outside all regions keep to their schedule with the main feeder."
