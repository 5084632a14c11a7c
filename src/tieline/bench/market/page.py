"""What the screen and the docs page say of the market. Every number and judgement comes from the measurement."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean

from tieline.agents.leader_follower.chooser import ESTIMATED
from tieline.agents.leader_follower.search import CANDIDATES
from tieline.bench.kit.goals import goals_table
from tieline.bench.kit.left_out import left_out_notes, left_out_text
from tieline.bench.kit.markdown import Block, Page, Section, Summary, Table, bullets
from tieline.bench.kit.numbers import number_text
from tieline.bench.kit.spread import Contender, compare
from tieline.bench.market.goals import TRAINED_GAMES, goals, mean_regret
from tieline.bench.market.growth import GrowthRow
from tieline.bench.market.held_out import LEARNED, Score
from tieline.bench.market.measure import MarketMeasurement
from tieline.bench.market.published_part import published_blocks
from tieline.studies.market.telling.words import DECIDERS
from tieline.studies.market.training.held_out import AS_MARKET

INTRO = "[What is asked](../market.md): DERs cover, minute by minute, what departs from the schedule, in merging microgrids."

KINDS = {
    "open": "Games of kind `open`: level of load, limits and offers drawn too.",
    "day": "Minutes of five days of the case, as its regions see them.",
    "paper": "Games of kind `paper`, as far as the article describes them: DERs of 100 kW with one offer, demand drawn.",
}

OF_DAYS = (
    "Seeds are days and, where there are several, policies. Times (median, and that which 99 % keep) are of whole minutes, from "
    "the series to the prices, controls acting in every replay. Kept: of the money that the program over all DERs saves, and of "
    "what the AC optimum saves. Broken: limits, on AC. Fell back: minutes that needed more DERs than were chosen. Rounds: most "
    "that the regions took to agree on their borders."
)

OF_GAMES = (
    "Regret is the distance to the best set over that of a random set, a hit a regret of at most 1 %. All sets of all games are "
    "solved on AC; no game was seen in training. The market takes the best of the {candidates} sets that a policy finds most "
    "probable and the {estimated} of lowest estimate, which the slopes of a region give without a power flow; where all DERs "
    "ask the same, of the greedy rule's set too. Mean over the regions, then region by region."
)

OF_STEPS = (
    "Short trainings in the region of the fewest DERs that differ in one thing each, judged on the same unseen `open` games. The "
    "shipped policies were trained as the row `usual`."
)

OF_GROWTH = (
    "A few minutes of an evening; in each region the cheapest DERs are chosen, for want of a policy. Minute: all of it. Chosen, "
    "all: the program over the chosen DERs, and over all DERs, with replays. Kept: of the saving over all DERs. Pays after: "
    "minutes until the faster program has earned back a training of one seed as long as that above; a dash where it does not."
)


def summary(measured: MarketMeasurement) -> Summary:
    """The tables of the page that fit a screen."""
    tables = [("Goals", goals_table(goals(measured)))]
    if measured.days:
        tables.append(("Days", _days(measured)))
    tables += [(f"Games, {kind}", table) for kind, table in _games(measured)]
    if measured.growth:
        tables.append(("Growth", _growth(measured)))
    return Summary(tables, left_out_notes(measured.left_out))


def page(measured: MarketMeasurement) -> Page:
    """The page of a measurement."""
    sections = [
        Section("Goals", [goals_table(goals(measured)), _verdict(measured.scores)]),
        Section("Days of the 123-node case", [OF_DAYS, _days(measured)]),
        Section(
            "Choice of DERs on unseen games", [_of_games(), *_game_blocks(measured)]
        ),
        Section("Training", _training(measured)),
        Section("What each step brought", _steps(measured)),
        Section("Growth", [OF_GROWTH, _growth(measured)]),
        Section("Published figures beside ours", published_blocks(measured)),
        Section("Left out", [left_out_text(measured.left_out, "Nothing.")]),
    ]
    return Page(INTRO, sections)


def _days(measured: MarketMeasurement) -> Table:
    headings = (
        "seed",
        "minutes",
        "p50 [ms]",
        "p99 [ms]",
        "kept of LP [%]",
        "kept of AC [%]",
        "broken",
        "fell back [%]",
        "bought [kWh]",
        "merged [min]",
        "rounds",
    )
    rows = []
    for day in measured.days:
        row = (
            str(day.seed),
            f"{day.minutes:,}",
            f"{day.clear_ms_p50:.1f}",
            f"{day.clear_ms_p99:.1f}",
            _or_dash(day.kept_lp_pct, ".2f"),
            _or_dash(day.kept_ac_pct, ".2f"),
            str(day.violations),
            f"{day.fallback_pct:.2f}",
            f"{day.bought_kwh:.1f}",
            f"{day.merged_minutes:.0f}",
            _or_dash(day.consensus_rounds, ".0f"),
        )
        rows.append(row)
    return Table(headings, rows, "r" * len(headings))


def _of_games() -> str:
    return OF_GAMES.format(candidates=CANDIDATES, estimated=ESTIMATED)


def _game_blocks(measured: MarketMeasurement) -> list[Block]:
    blocks: list[Block] = []
    for kind, table in _games(measured):
        regions = _by_region([s for s in measured.scores if s.kind == kind])
        blocks += [KINDS.get(kind, f"Games of kind `{kind}`."), table, regions]
    return blocks


def _games(measured: MarketMeasurement) -> list[tuple[str, Table]]:
    """One table per kind of games: means over the regions, over seeds for policies."""
    tables = []
    for kind in dict.fromkeys(score.kind for score in measured.scores):
        scores = [score for score in measured.scores if score.kind == kind]
        contenders = [_contender(of_one) for of_one in _by_decider(scores).values()]
        table = compare(
            ("chosen by",),
            ("mean regret [%]", "hits [%]"),
            contenders,
            "mean regret over seeds [%]",
        )
        tables.append((kind, table))
    return tables


def _by_decider(scores: Sequence[Score]) -> dict[str, list[Score]]:
    """Scores by who chose, in words, in the order of the measurement."""
    by_decider: dict[str, list[Score]] = {}
    for score in scores:
        by_decider.setdefault(_words(score), []).append(score)
    return by_decider


def _words(score: Score) -> str:
    if score.who != LEARNED:
        return DECIDERS.get(score.who, score.who)
    if score.candidates == 1:
        return "policy alone"
    return f"policy, best of {score.candidates} sets"


def _contender(scores: Sequence[Score]) -> Contender:
    """Means over the regions, a run per seed."""
    runs = []
    for seed in dict.fromkeys(score.seed for score in scores):
        of_seed = [score for score in scores if score.seed == seed]
        runs.append(_means(of_seed))
    first = scores[0]
    return Contender((_words(first),), runs, seeds=first.is_learned)


def _means(scores: Sequence[Score]) -> tuple[float, float]:
    """Regret and hits [%]."""
    regret = mean(score.regret_pct for score in scores)
    hits = mean(score.hits_pct for score in scores)
    return regret, hits


def _by_region(scores: Sequence[Score]) -> Table:
    """Regret and hits in each region, policies in the mean of their seeds and as the market asks them."""
    # one column for the policy: how many sets AC judges is told in the table above
    compared = [s for s in scores if s.is_judged_policy or s.who != LEARNED]
    deciders = list(_by_decider(compared))
    headings = ["region", "DERs"]
    headings += [f"{words}: regret, hits [%]" for words in deciders]
    rows = []
    for region in dict.fromkeys(score.region for score in compared):
        of_region = [score for score in compared if score.region == region]
        by_decider = _by_decider(of_region)
        cells = [_regret_and_hits(by_decider[words]) for words in deciders]
        rows.append([str(region), str(of_region[0].ders), *cells])
    return Table(headings, rows, "r" * len(headings))


def _regret_and_hits(scores: Sequence[Score]) -> str:
    regret, hits = _means(scores)
    return f"{number_text(regret, '.2f')}, {number_text(hits, '.1f')}"


def _verdict(scores: Sequence[Score]) -> str:
    """Where a rule is as good as what is learned, the page says so."""
    policies = [score for score in scores if score.is_judged_policy]
    if not policies:
        return "No policy was judged."
    lines = []
    for kind in dict.fromkeys(score.kind for score in scores):
        learned = mean_regret(policies, kind, AS_MARKET)
        for who in dict.fromkeys(score.who for score in scores):
            rule = mean_regret(scores, kind, who)
            # equal is as good: a rule needs no training
            if who in (LEARNED, AS_MARKET) or rule is None or learned is None:
                continue
            if rule > learned:
                continue
            words = DECIDERS.get(who, who)
            lines.append(
                f"`{kind}`: {words} is as good as the policy or better ({rule:.2f} % against {learned:.2f} %)."
            )
    return bullets(lines) if lines else "No rule is as good as the policies."


def _training(measured: MarketMeasurement) -> list[Block]:
    training = measured.training
    if training is None:
        return ["Not known."]
    blocks: list[Block] = [
        f"{training.seeds} seeds of {training.regions} regions trained side by side, {training.games:,} games of each, in "
        f"{training.train_s:,.0f} s ({training.machine}), with whatever else it did."
    ]
    timed = measured.timed
    if timed is not None:
        one_s = timed.seconds_for(TRAINED_GAMES)
        all_s = timed.seconds_for(TRAINED_GAMES, timed.regions)
        blocks.append(
            f"Timed on this machine, {timed.games:,} games of each region, one seed, {timed.train_s:.0f} s, of which "
            f"{timed.start_s:.0f} s before the first game. At that rate {TRAINED_GAMES:,} games of one region take "
            f"{one_s:.0f} s, of all regions in one run {all_s:.0f} s."
        )
    return blocks


def _steps(measured: MarketMeasurement) -> list[Block]:
    """The table of short trainings."""
    if not measured.steps:
        return ["Not asked for: `--ablation GAMES`."]
    contenders = []
    for step in measured.steps:
        games = f"{step.games:,}" if step.games else "-"
        names = (step.part, step.words, games, step.judged or "each DER in turn")
        runs = list(zip(step.regret_pct, step.hits_pct, strict=True))
        contenders.append(Contender(names, runs, seeds=len(runs) > 1))
    table = compare(
        ("step", "what differs", "games", "sets judged by AC"),
        ("mean regret [%]", "hits [%]"),
        contenders,
        "mean regret over seeds [%]",
    )
    return [OF_STEPS, table]


def _growth(measured: MarketMeasurement) -> Table:
    headings = (
        "feeder",
        "nodes",
        "DERs",
        "regions",
        "minute [ms]",
        "chosen [ms]",
        "all [ms]",
        "times",
        "one AC [ms]",
        "kept [%]",
        "broken",
        "pays after",
    )
    rows = []
    for row in measured.growth:
        ratio = row.full_lp_ms / row.program_ms if row.full_lp_ms else None
        cells = (
            row.feeder,
            f"{row.nodes:,}",
            f"{row.ders:,}",
            str(row.regions),
            f"{row.clear_ms:,.1f}",
            f"{row.program_ms:,.1f}",
            _or_dash(row.full_lp_ms, ",.1f"),
            _or_dash(ratio, ".1f"),
            f"{row.replay_ms:,.1f}",
            _or_dash(row.kept_pct, ".2f"),
            str(row.violations),
            _or_dash(_pays_after(measured, row), ",.0f"),
        )
        rows.append(cells)
    return Table(headings, rows, "l" + "r" * (len(headings) - 1))


def _pays_after(measured: MarketMeasurement, row: GrowthRow) -> float | None:
    """Minutes until the time saved is that of the training; None if no time is saved or the training is unknown."""
    training = measured.training
    full_ms = row.full_lp_ms
    if training is None or full_ms is None or full_ms <= row.program_ms:
        return None
    # who uses the market needs one seed; the others are there to show the spread
    one_seed_s = training.train_s / training.seeds
    return 1000 * one_seed_s / (full_ms - row.program_ms)


def _or_dash(value: float | None, spec: str) -> str:
    return "-" if value is None else number_text(value, spec)
