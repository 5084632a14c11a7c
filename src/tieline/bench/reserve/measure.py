"""The reserve study trained anew under several settings: results by setting, and the goals they are held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tieline.agents.ddpg_config import PRESETS
from tieline.bench.kit.goals import Goal, at_most
from tieline.bench.reserve.options import Options
from tieline.studies.result import Result
from tieline.studies.shell import run_study


@dataclass(frozen=True)
class Setting:
    """How policies are trained: a name, what it is, and fields of the configuration."""

    name: str
    words: str
    values: Mapping[str, Any]


DEFAULT = "default"
SCALED = "paper, rewards scaled"

SETTINGS = (
    Setting(DEFAULT, "tieline's settings of DDPG, all weights 1", {}),
    Setting(
        "paper", "the published settings of DDPG, all weights 1", {"preset": "paper"}
    ),
    Setting(
        SCALED,
        "the same with rewards in units of their spread, which the paper does not have",
        {"ddpg": PRESETS["paper"].model_copy(update={"scale_rewards": True})},
    ),
    Setting(
        "loss at 10 cents",
        "tieline's settings, a kW of loss at the price of reserve, 0.10 $",
        {"loss_weight": 0.1},
    ),
)
"""The second and third show what holds the published settings back; the last asks for a balance: bids decide more, location
less.
"""


@dataclass(frozen=True)
class ReserveTrainings:
    """Results of the study by name of the setting, the default first."""

    results: Mapping[str, Result]

    @property
    def default(self) -> Result:
        """With tieline's settings."""
        return self.results[DEFAULT]

    def to_json(self) -> dict[str, Any]:
        """The content of each result's file."""
        return {
            "settings": {
                name: result.to_json() for name, result in self.results.items()
            }
        }


def measure(
    options: Options, tell: Callable[[str], None] = lambda _: None
) -> ReserveTrainings:
    """Train and judge under every setting; takes minutes.

    Args:
        options: how many trainings, and on how many requests they are judged.
        tell: is told which setting is trained now.
    """
    results = {}
    for setting in SETTINGS:
        tell(setting.name)
        # the study itself, not its parts: the page shows what a user of the command gets
        results[setting.name] = run_study(
            "reserve",
            train=True,
            trainings=options.trainings,
            held_out=options.held_out,
            **setting.values,
        )
    return ReserveTrainings(results)


PUBLISHED = {
    "cost_usd": "cost [$]",
    "loss_kw": "loss [kW]",
    "deviation_pct": "deviation [%]",
}
"""Quantities of which the published allocations are printed, to two decimals."""


def goals(result: Result) -> list[Goal]:
    """The goals of the study, held against a result with tieline's settings."""
    compared = [
        _not_above_published(result, quantity, words, case)
        for case in ("case1", "case2")
        for quantity, words in PUBLISHED.items()
    ]
    trainings = result.metrics["trainings"]
    limits = {
        "objective_gap_pct": ("mean gap to the optimum on unseen requests [%]", 0.5),
        "objective_gap_pct_worst": ("the same of the worst seed [%]", 0.5),
        "decision_ms": ("a decision [ms]", 0.2),
        "train_s": (f"training, all {trainings} seeds together [s]", 60.0),
    }
    reached = [
        at_most(words, result.number(metric), limit)
        for metric, (words, limit) in limits.items()
    ]
    return compared + reached


def tell_rounded(result: Result) -> list[str]:
    """Goals that hold as the paper prints numbers, and would not with more digits than it shows."""
    sentences = []
    for case in ("case1", "case2"):
        for quantity, words in PUBLISHED.items():
            # to the digits that the sentence shows: beyond them is the dust of sums
            published = round(result.number(f"{quantity}_{case}_paper"), 4)
            learned = round(result.number(f"{quantity}_{case}"), 4)
            if round(learned, 2) <= round(published, 2) and learned > published:
                sentences.append(
                    f"{words[0].upper()}{words[1:]}, {case}, is met by rounding to the two decimals that the paper prints: "
                    f"{learned:.4f} against {published:.4f}."
                )
    return sentences


def _not_above_published(result: Result, quantity: str, words: str, case: str) -> Goal:
    """Compared as printed: the published numbers have no more decimals."""
    # replayed in full precision, rounded as the paper prints: a digit that it does not show decides nothing
    published = round(result.number(f"{quantity}_{case}_paper"), 2)
    learned = round(result.number(f"{quantity}_{case}"), 2)
    what = f"{words}, {case}, not above the published allocation's"
    return at_most(what, learned, published, "{:.2f}".format)
