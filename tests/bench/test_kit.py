"""The kit: tables and pages as Markdown, numbers, goals, what is left out, spread over seeds, options as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline.bench.kit.goals import at_least, at_most, goals_table
from tieline.bench.kit.left_out import (
    LeftOut,
    left_out_lines,
    left_out_text,
    reason_from,
)
from tieline.bench.kit.markdown import (
    Figure,
    Page,
    Section,
    Table,
    sections_to_markdown,
)
from tieline.bench.kit.numbers import (
    error_text,
    milliseconds,
    rate,
    seconds,
    times_text,
)
from tieline.bench.kit.options import BenchOptions, public_path, with_count
from tieline.bench.kit.provenance import Provenance, head, package_versions
from tieline.bench.kit.spread import Contender, Spread, compare


def test_sections_as_markdown() -> None:
    table = Table(("case", "time [s]"), [("small", "1.5")], "lr")
    figure = Figure("roof", "<svg/>", "A roof")
    sections = [
        Section("", ["First."]),
        Section("Times", ["In seconds.", table, figure]),
    ]
    assert sections_to_markdown(sections, "speed").split("\n\n") == [
        "First.",
        "## Times",
        "In seconds.",
        "| case | time [s] |\n| --- | ---: |\n| small | 1.5 |",
        "![A roof](speed-roof.svg)",
    ]
    assert Page("", sections).figures == [figure]


def test_the_head_has_heading_command_machine_and_versions() -> None:
    provenance = Provenance(
        "a machine", {"tieline": "1", "numpy": "2"}, "tieline bench x"
    )
    assert head("Speed", "It is fast.", provenance).split("\n\n") == [
        "# Speed",
        "It is fast. Written by the command",
        "```bash\ntieline bench x\n```",
        "Machine: a machine. tieline 1, numpy 2.",
    ]


def test_a_missing_package_is_named() -> None:
    versions = package_versions(["numpy", "no-such-package"])
    assert list(versions) == ["tieline", "numpy", "no-such-package"]
    assert versions["no-such-package"] == "not installed"


@pytest.mark.parametrize(
    ("value", "text"),
    [(2_304_497.9, "2,300,000"), (80.44, "80.4"), (0.5, "0.5"), (99.96, "100")],
)
def test_rates_have_three_digits(value: float, text: str) -> None:
    assert rate(value) == text


def test_times_and_errors() -> None:
    assert (seconds(0.25), seconds(31.04)) == ("250 ms", "31.0 s")
    assert [milliseconds(time_s) for time_s in (0.0123, 1.5, None)] == [
        "12.3",
        "1,500",
        "",
    ]
    assert (times_text(9.96), times_text(123.4)) == ("10.0", "123")
    assert (error_text(2e-6), error_text(0.1)) == ("2e-06", "no answer")


@pytest.mark.parametrize(
    ("value", "at_most_10", "at_least_10"),
    [
        (9.9, "met", "**not met**"),
        (10.0, "met", "met"),
        (10.1, "**not met**", "met"),
        (None, "not measured", "not measured"),
    ],
)
def test_goals(value: float | None, at_most_10: str, at_least_10: str) -> None:
    upper, lower = at_most("gap [%]", value, 10.0), at_least("rate [1/s]", value, 10.0)
    assert (upper.verdict, lower.verdict) == (at_most_10, at_least_10)
    table = goals_table([upper])
    assert table.rows[0][:2] == ("gap [%]", "10")
    assert (table.rows[0][2] == "") == (value is None)


def test_the_same_reason_is_told_once() -> None:
    left_out = [
        LeftOut("a", "is slow", "x"),
        LeftOut("b", "is new"),
        LeftOut("a", "is slow", "y"),
    ]
    assert left_out_lines(left_out) == ["a (is slow): x; y", "b: is new"]
    assert left_out_text(left_out, "").splitlines()[2:] == [
        "- a (is slow): x; y",
        "- b: is new",
    ]
    assert left_out_text([], "All took part.") == "All took part."
    assert reason_from(ValueError("there are loops:\nx\ny")) == "there are loops"


def test_spread_by_hand() -> None:
    spread = Spread.of([1.0, 3.0])
    assert (spread.mean, spread.std, spread.count) == (2.0, 1.0, 2)
    assert spread.cells(".1f") == ("2.0", "1.0", "1.0", "3.0")
    assert spread.text("seeds", ".1f") == "1.0 to 3.0, std 1.0, 2 seeds"
    assert Spread.of([5.0]).text("days", ".0f") == "5 to 5, std 0, 1 day"
    assert Spread.of([-0.001]).cells(".2f")[0] == "0.00"
    assert Spread.of([float("nan"), 1.0]).cells()[0] == "n/a"


def test_what_is_learned_beside_what_is_not() -> None:
    learned = Contender(("learned",), [[1.0, 10.0], [3.0, 20.0]], seeds=True)
    optimum = Contender(("optimum",), [[0.5, 5.0]])
    headings = ("cost [$]", "time [s]")
    table = compare(
        ("who",), headings, [learned, optimum], "cost over seeds [$]", ".1f"
    )
    assert table.headings == ("who", *headings, "cost over seeds [$]")
    assert table.alignment == "lrrr"
    assert list(table.rows) == [
        ("learned", "2.0", "15.0", "1.0 to 3.0, std 1.0, 2 seeds"),
        ("optimum", "0.5", "5.0", ""),
    ]


class SomeOptions(BenchOptions):
    """Options of every kind."""

    feeders: tuple[str, ...] = ("ieee33",)
    seed: int = 0
    long_runs: bool = True
    quick: bool = False
    master: Path | None = None


def test_options_as_they_are_typed() -> None:
    assert SomeOptions().words() == []
    changed = SomeOptions(
        feeders=("a", "/home/me/x/b.dss"),
        seed=3,
        long_runs=False,
        quick=True,
        master=Path("c/d/e"),
    )
    assert changed.words() == [
        "a",
        "path/to/x/b.dss",
        "--seed 3",
        "--no-long-runs",
        "--quick",
        "--master path/to/d/e",
    ]


def test_of_a_path_only_the_end_is_told() -> None:
    assert public_path("ieee33") == "ieee33"
    assert (
        public_path("/home/me/feeders/ieee8500/Master.dss:10")
        == "path/to/ieee8500/Master.dss:10"
    )


def test_a_number_behind_the_last_colon_is_a_count() -> None:
    assert with_count("ieee123:30", 10) == ("ieee123", 30)
    assert with_count("ieee123", 10) == ("ieee123", 10)
    assert with_count("C:/feeders/Master.dss", 10) == ("C:/feeders/Master.dss", 10)
    assert with_count("a:b:3", 10) == ("a:b", 3)
