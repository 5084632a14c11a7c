"""The docs page of the reserve study, in Markdown. Every number and judgement in it comes from the results."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

import pandas as pd

import tieline
from tieline.bench.kit.goals import goals_table
from tieline.bench.powerflow.page import table
from tieline.bench.reserve.measure import SETTINGS, goals
from tieline.studies.reserve.answers import LEARNED
from tieline.studies.reserve.report import WORDS
from tieline.studies.result import Result

PACKAGES = ("numpy", "numba", "jax", "optax")


def page(results: Mapping[str, Result], command: str) -> str:
    """The page of the results of `bench.reserve.run`."""
    return (
        "\n\n".join(
            [
                _head(results, command),
                _goals(results),
                _cases(results),
                _unseen(results),
                _training(results),
            ]
        )
        + "\n"
    )


def _head(results: Mapping[str, Result], command: str) -> str:
    versions = ", ".join(
        [f"tieline {tieline.__version__}", *(f"{name} {version(name)}" for name in PACKAGES)]
    )
    machine = next(iter(results.values())).machine
    settings = "\n".join(f"- **{name}**: {words}" for name, words, _ in SETTINGS)
    return (
        "# Reserve: a learned policy beside rules and the optimum\n\n"
        "[What is asked](../reserve.md): 1 per $ of an hour's reserve, 1 per kW of loss, 1 per % of mean voltage deviation.\n"
        f"Written by the command\n\n```bash\n{command}\n```\n\nMachine: {machine}. {versions}.\n\nSettings:\n\n{settings}"
    )


def _goals(results: Mapping[str, Result]) -> str:
    return "## Goals\n\nSetting `default`.\n\n" + goals_table(goals(results["default"]))


def _cases(results: Mapping[str, Result]) -> str:
    rows = []
    for name, result in results.items():
        frame = result.tables["objectives"]
        shown = frame if name == "default" else frame[frame["who"].isin([LEARNED, "optimum"])]
        for row in shown.to_dict("records"):
            numbers = (
                f"{row[column]:.2f}"
                for column in ("cost_usd", "loss_kw", "deviation_pct", "objective", "gap_pct")
            )
            rows.append(
                (
                    row["case"],
                    name if row["who"] in (LEARNED, "optimum") else "",
                    WORDS[str(row["who"])],
                    *numbers,
                )
            )
    headings = (
        "case",
        "setting",
        "split by",
        "cost [$]",
        "loss [kW]",
        "deviation [%]",
        "weighted sum",
        "above the optimum [%]",
    )
    text = "The learned policy is that of the seed with the best return on episodes that appear nowhere on this page."
    return f"## The published cases\n\n{text}\n\n" + table(
        headings, sorted(rows, key=lambda row: row[0]), "lllrrrrr"
    )


def _unseen(results: Mapping[str, Result]) -> str:
    rows = []
    for name, result in results.items():
        gaps = result.tables["held_out"]
        learned = gaps[gaps["who"] == LEARNED]
        rows.append((name, WORDS[LEARNED], *_of_seeds(learned)))
        others = gaps[gaps["who"] != LEARNED].to_dict("records")
        rows += [
            (name, WORDS[str(row["who"])], *(f"{row[c]:.3f}" for c in COLUMNS), "")
            for row in others
        ]
    headings = (
        "setting",
        "split by",
        "mean gap [%]",
        "median [%]",
        "95 % below [%]",
        "worst [%]",
        "mean gap over seeds [%]",
    )
    count = int(next(iter(results.values())).tables["held_out"]["requests"].iloc[0])
    text = (
        f"{count:,} random requests, never seen in training; the gap of the weighted sum to that "
        "of the optimum found by search."
    )
    return f"## Unseen requests\n\n{text}\n\n" + table(headings, rows, "llrrrrr")


COLUMNS = ("mean_pct", "median_pct", "p95_pct", "worst_pct")


def _of_seeds(learned: pd.DataFrame) -> tuple[str, ...]:
    """Means over the seeds, and the spread of the mean gap."""
    means = learned["mean_pct"]
    spread = (
        f"{means.min():.3f} to {means.max():.3f}, std {means.std(ddof=0):.3f}, {len(means)} seeds"
    )
    return *(f"{learned[column].mean():.3f}" for column in COLUMNS), spread


def _training(results: Mapping[str, Result]) -> str:
    rows = []
    for name, result in results.items():
        m, curves = result.metrics, result.tables["curves"]
        last = curves.groupby("seed")["return_mean"].last()
        steps = int(curves["step"].max())
        rows.append(
            (
                name,
                f"{m['trainings']}",
                f"{steps:,}",
                f"{m['train_s']:.1f}",
                f"{last.mean():.2f}",
                f"{last.std(ddof=0):.3f}",
            )
        )
    headings = (
        "setting",
        "seeds",
        "steps each",
        "all together [s]",
        "final return",
        "std over seeds",
    )
    note = "All seeds of a setting train side by side in one process; the time includes compiling and the learning curves."
    return f"## Training\n\n{note}\n\n" + table(headings, rows, "lrrrrr")
