"""The sections about one contest: what is decided, how everybody stands on each split, who they are."""

from __future__ import annotations

from collections.abc import Sequence

from tieline.bench.kit.markdown import Section, Table, bullets
from tieline.bench.kit.numbers import number_text
from tieline.bench.kit.spread import Spread
from tieline.bench.learning.cells import behind_text, gain_text, middle_text
from tieline.bench.learning.contest import Contest
from tieline.bench.learning.standing import Ranking, Standing

OF_GUARDED = (
    "**..., guarded**: behind the [safety step](../agents.md#the-safety-step), which knows the feeder and the loads of the step, "
    "and moves an action that would break a limit to the nearest one that does not"
)


def contest_sections(contest: Contest, rankings: Sequence[Ranking]) -> list[Section]:
    """What is decided, everybody on every split, and who they are."""
    blocks = [contest.question, *contest.notes]
    sections = [Section(contest.name, blocks)]
    for ranking in rankings:
        n_days = len(ranking.standings[0].scores[0].returns)
        title = f"{contest.name}: {ranking.split}, {n_days} days"
        sections.append(Section(title, [_everybody(contest, ranking)]))
    sections.append(Section(f"{contest.name}: who decides", [bullets(_words(contest))]))
    return sections


def _everybody(contest: Contest, ranking: Ranking) -> Table:
    headings = (
        "who",
        "gain [%]",
        "IQM (95 %)",
        "over seeds",
        "behind optimum [points]",
        f"return [{contest.unit}]",
        "losses [kWh a day]",
        "limits broken [steps a day]",
        "decision [ms]",
    )
    optimum = ranking.best("optimum")
    rows = [
        (
            standing.who,
            gain_text(standing),
            middle_text(standing),
            _over_seeds(standing),
            behind_text(standing, optimum),
            number_text(standing.return_mean, ".4g"),
            number_text(standing.loss_kwh, ",.0f"),
            _with_unsolved(standing),
            number_text(standing.decision_ms, ".2g"),
        )
        for standing in ranking.standings
    ]
    return Table(headings, rows, "lrrrrrrrr")


def _over_seeds(standing: Standing) -> str:
    if standing.kind != "learned":
        return ""
    return Spread.of(standing.seeds_pct).text("seeds", ".2f")


def _with_unsolved(standing: Standing) -> str:
    text = number_text(standing.steps_outside, ".2f")
    if not standing.unsolved:
        return text
    return f"{text}, {standing.unsolved} days without a power flow"


def _words(contest: Contest) -> list[str]:
    lines = [f"**{name}**: {rule.words}" for name, rule in contest.rules.items()]
    if contest.is_guarded:
        lines.append(OF_GUARDED)
    if contest.optimum is not None:
        lines.append(f"**proven optimum**: {contest.optimum.words}")
    lines += [f"**{one.name}**: {one.words}" for one in contest.learners]
    return lines
