"""Reports open offline, hold the figure library once, escape what they are given and repeat to the byte."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from builders import two_bus
from tieline.reports.diagram import one_line
from tieline.reports.figures import bar, lines_with_band
from tieline.reports.headline import Headline
from tieline.reports.html import (
    Diagram,
    Figure,
    Report,
    Section,
    Table,
    Text,
    table_columns,
    write_page,
)
from tieline.reports.numbers import MISSING
from tieline.reports.remarks import Remark, approximated, left_out

VOID = {"meta", "br", "img", "link", "input", "hr", "source"}


class Page(HTMLParser):
    """Tags with their attributes, and whether they nest."""

    def __init__(self, html: str):
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def report(
    path: Path,
    *blocks: Any,
    provenance: Mapping[str, Any] | None = None,
    remarks: Sequence[Remark] = (),
    **fields: Any,
) -> str:
    given: dict[str, Any] = {
        "title": "How much fits",
        "question": "feeder x",
        "summary": [("capacity", "100 kW"), ("solves", 2000)],
    }
    page = Report(
        Headline(**(given | fields)), [Section("Answer", blocks, "As follows.")]
    )
    write_page(path, page, provenance or {"seed": 1}, remarks)
    return path.read_text(encoding="utf-8")


def two_figures() -> list[Figure]:
    return [
        Figure(bar(["a"], {"cost": [1.0]}, value_title="cost [EUR]"), "First."),
        Figure(
            lines_with_band([0, 1], {"v": [1, 2]}, x_title="x", y_title="y"), "Second."
        ),
    ]


def without_library(html: str) -> str:
    from plotly.offline import get_plotlyjs

    assert html.count(get_plotlyjs()) == 1, "the figure library is inside exactly once"
    return html.replace(get_plotlyjs(), "")


def test_figures_share_one_library_and_nothing_is_fetched(tmp_path: Path):
    html = without_library(report(tmp_path / "r.html", *two_figures()))
    page = Page(html)
    assert page.open == []
    fetching = [
        (tag, attrs)
        for tag, attrs in page.tags
        if tag in {"link", "img", "iframe"} or attrs.keys() & {"src", "href"}
    ]
    assert fetching == []
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/)", html)
    assert "Content-Security-Policy" in html
    assert re.search(r"content=\"default-src 'none'", html)
    assert html.count("Plotly.newPlot(") == 2


def test_report_without_figures_has_no_library(tmp_path: Path):
    html = report(tmp_path / "r.html", Text("Only words."))
    assert len(html) < 20_000
    assert "<script" not in html


def test_same_input_gives_the_same_file(tmp_path: Path):
    assert report(tmp_path / "a.html", *two_figures()) == report(
        tmp_path / "b.html", *two_figures()
    )


def test_text_is_escaped_and_a_drawing_is_not(tmp_path: Path):
    evil = "<script>alert(1)</script>"
    table = Table(pd.DataFrame({evil: [evil]}), evil)
    html = report(
        tmp_path / "r.html",
        Text(evil),
        table,
        Diagram("<svg></svg>", evil),
        title=evil,
        question=evil,
        summary=[(evil, evil)],
        remarks=approximated([evil]),
        provenance={evil: evil, "group": {evil: evil}},
    )
    assert "<script>alert" not in html
    assert html.count("&lt;script&gt;alert") == 3 + 2 + 1 + 1 + 3 + 1 + 4, (
        "head, summary, warning, text, table, caption, provenance"
    )
    assert "<svg></svg>" in html


def test_text_in_a_figure_cannot_end_its_script(tmp_path: Path):
    html = without_library(
        report(
            tmp_path / "r.html",
            Figure(bar(["</script><b>"], {"cost": [1.0]}, value_title="cost")),
        )
    )
    assert "</script><b>" not in html


def test_violations_and_approximations_are_listed(tmp_path: Path):
    html = report(
        tmp_path / "r.html",
        violations=["Voltage above limit at bus 7."],
        remarks=[*left_out(["A fuse."]), *approximated(["No losses."])],
    )
    box = html[html.index("<aside") : html.index("</aside>")]
    places = [box.index(text) for text in ("at bus 7.", "No losses.", "A fuse.")]
    assert places == sorted(places), "broken limits first, what was left out last"
    folded = [tag for tag, attributes in Page(box).tags if "open" not in attributes]
    assert folded.count("details") == 1, "only what was left out is folded"
    assert "none reported." in report(tmp_path / "r.html")


def test_summary_numbers_are_formatted(tmp_path: Path):
    assert "<dd>2\u202f000</dd>" in report(tmp_path / "r.html")


def test_table_has_units_and_right_aligned_numbers(tmp_path: Path):
    frame = pd.DataFrame(
        {
            "bus": ["7", "8"],
            "v_max_pu": [1.05, float("nan")],
            "pv_kw": [1000, 250],
            "ok": [True, False],
        }
    )
    bus, voltage, power, truth = table_columns(Table(frame))
    assert (bus.heading, bus.unit, bus.is_number) == ("bus", "", False)
    assert (voltage.heading, voltage.unit, voltage.cells, voltage.is_number) == (
        "highest voltage",
        "pu",
        ["1.0500", MISSING],
        True,
    )
    assert (power.unit, power.cells) == ("kW", ["1\u202f000", "250"])
    assert (truth.cells, truth.is_number) == (["yes", "no"], False)
    assert '<td class="number">1.0500</td>' in report(tmp_path / "r.html", Table(frame))


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("installed PV", ("installed PV", "")),
        ("installed PV [kWp]", ("installed PV", "kWp")),
        (None, ("PV", "kW")),
    ],
)
def test_heading_can_be_given(heading: str | None, expected: tuple[str, str]):
    (column,) = table_columns(
        Table(
            pd.DataFrame({"pv_kw": [1.5]}),
            headings={"pv_kw": heading} if heading else {},
        )
    )
    assert (column.heading, column.unit) == expected


def test_long_table_is_cut_with_a_note(tmp_path: Path):
    frame = pd.DataFrame({"bus": [f"b{k}" for k in range(100)]})
    html = report(
        tmp_path / "r.html", Table(frame, most_rows=10, rest_in="buses.parquet")
    )
    assert html.count("<td>b") == 10
    assert "The first 10 of 100 rows. All rows are in buses.parquet." in html


def test_empty_table(tmp_path: Path):
    html = report(
        tmp_path / "r.html",
        Table(pd.DataFrame({"bus": [], "v_pu": []}), "No bus is over its limit."),
    )
    assert "No bus is over its limit." in html
    assert Page(html).open == []


def test_configuration_is_shown_exactly(tmp_path: Path):
    html = report(
        tmp_path / "r.html",
        provenance={
            "seed": 1,
            "configuration": {"levels_pct": [10, 20.5], "cap_kw": None},
        },
    )
    assert "<td>levels_pct</td><td>10, 20.5</td>" in html
    assert f"<td>cap_kw</td><td>{MISSING}</td>" in html
    assert "<h3>configuration</h3>" in html


def test_times_in_a_table_are_those_of_people():
    times = ["2025-06-21T12:45-06:00", "2025-12-01 08:00", "2025-12-01"]
    frame = pd.DataFrame({"when": times, "time": pd.to_datetime(["2025-06-21"] * 3)})
    when, time = table_columns(Table(frame))
    assert when.cells == ["21 June, 12:45", "1 December, 08:00", "2025-12-01"]
    assert time.cells == ["21 June, 00:00"] * 3


def test_a_diagram_brings_its_script_and_its_legend_as_text(tmp_path: Path):
    drawing = one_line(two_bus(), bus_values={"a": 0.98, "b": 1.02}, value_label="v")
    html = report(tmp_path / "r.html", Diagram(drawing, "Voltages."))
    assert "makeDiagram" in html
    # beside the drawing and not in it: a phone shrinks the drawing, not the text
    legend = html[html.index('<ul class="legend">') : html.index("</ul>")]
    assert "<span>1.0200</span>" in legend
    assert "tl-legend" not in html
    # without the script the browser shows these, and nothing that does not work
    assert "<title>bus a" in html
    assert "<button" not in html[html.index("<body>") : html.index("<script>")]
    assert "makeDiagram" not in report(tmp_path / "r.html")


def test_a_page_says_when_of_what_and_by_whom(tmp_path: Path):
    headline = Headline("Title", "Question?")
    page = Report(headline, [])
    path = tmp_path / "r.html"
    write_page(path, page, {}, byline=["28 November 2026", "", "J. <Doe>"])
    html = path.read_text(encoding="utf-8")
    line = html[html.index('class="byline"') : html.index("</header>")]
    assert "<span>28 November 2026</span><span>J. &lt;Doe&gt;</span>" in line


def test_contents_lead_to_every_section_of_a_long_page(tmp_path: Path):
    sections = [Section(f"Part {k}", [Text("words")]) for k in range(3)]
    path = tmp_path / "r.html"
    write_page(path, Report(Headline("Title", ""), sections), {})
    html = path.read_text(encoding="utf-8")
    targets = re.findall(r'<a href="#([^"]+)">(Part \d)</a>', html)
    assert [name for _, name in targets] == ["Part 0", "Part 1", "Part 2"]
    assert all(f'<section id="{target}">' in html for target, _ in targets)
    write_page(path, Report(Headline("Title", ""), sections[:2]), {})
    assert "#section-" not in path.read_text(encoding="utf-8")


def test_the_code_of_a_finding_stands_behind_its_sentence(tmp_path: Path):
    remarks = approximated(["[LOAD.KV_MISMATCH] load a: odd.", "No code [at all]."])
    html = report(tmp_path / "r.html", remarks=remarks)
    assert "load a: odd. <code>LOAD.KV_MISMATCH</code>" in html
    assert "No code [at all]." in html
    assert html.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("values", "is_number"),
    [
        ([1.0, 2.0], True),
        ([1.0, float("nan")], True),
        ([float("nan"), "a title"], False),
        ([1.0, "none"], True),
        ([float("nan"), float("nan")], True),
    ],
)
def test_gaps_between_texts_make_no_column_of_numbers(
    values: list[object], is_number: bool
) -> None:
    (column,) = table_columns(Table(pd.DataFrame({"x": values})))
    assert column.is_number is is_number


@pytest.mark.parametrize(
    ("value", "is_long"),
    [("3 of 4 kW", False), ("transformer reg1a", True), ("0.9821 pu at bus 65", True)],
)
def test_a_tile_breaks_no_word(tmp_path: Path, value: str, is_long: bool) -> None:
    page = tmp_path / "page.html"
    headline = Headline("Title", "Question?", summary=[("Worst", value)])
    write_page(page, Report(headline, []), {})
    assert ('<dd class="long">' in page.read_text()) is is_long
