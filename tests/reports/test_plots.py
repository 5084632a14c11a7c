"""Pictures at a prompt: the right voltages, files that open, and words for what cannot be shown."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import numpy as np
import pytest

from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.reports.html import Diagram, Figure
from tieline.reports.plots import extremes_by_bus, plot_feeder, plot_voltages

FEEDER = load_feeder("ieee13")
SOLUTION = FEEDER.solve(load_scale=[[0.5], [1.0], [90.0]])


def test_extremes_are_those_of_phases_and_scenarios_with_an_answer() -> None:
    by_bus = extremes_by_bus(SOLUTION)
    nodes = SOLUTION.network.nodes("675.1", "675.2", "675.3")
    vm_pu = SOLUTION.vm_pu[:2, nodes]
    assert by_bus.loc["675"].to_dict() == pytest.approx(
        {"lowest": vm_pu.min(), "highest": vm_pu.max()}
    )
    assert list(by_bus.index) == [bus.name for bus in FEEDER.buses]


def test_voltages_without_ground_are_those_between_phases() -> None:
    solution = load_feeder("ieee37").solve()
    a, b, c = (
        solution.v_pu[0, k] for k in solution.network.nodes("725.1", "725.2", "725.3")
    )
    between = np.abs([a - b, b - c, c - a]) / 3**0.5
    assert extremes_by_bus(solution).lowest["725"] == pytest.approx(between.min())


def test_dead_buses_are_not_the_lowest() -> None:
    (switch,) = FEEDER.switches
    solution = FEEDER.with_switch(switch.name, closed=False).solve()
    by_bus = extremes_by_bus(solution)
    assert np.isnan(by_bus.lowest[switch.to_bus])
    assert by_bus.lowest.min() > 0.9
    assert "no value" in str(plot_voltages(solution).block)


def test_diagram_is_saved_as_a_page_and_as_a_drawing(tmp_path: Path) -> None:
    plot = SOLUTION.plot("highest", scenario=1)
    assert plot.title == "Highest voltages of ieee13, scenario 1"
    plot.save(tmp_path / "plot.svg")
    assert (tmp_path / "plot.svg").read_text(encoding="utf-8").startswith("<svg")
    plot.save(str(tmp_path / "plot.html"))
    page = (tmp_path / "plot.html").read_text(encoding="utf-8")
    assert plot.title in page
    assert f"{SOLUTION.vm_pu[1].max():.4f} pu" in page
    assert "A picture judges no limit" in page
    assert dict(plot._repr_mimebundle_())["text/html"].startswith("<svg")


def test_profile_is_a_figure(tmp_path: Path) -> None:
    plot = plot_voltages(SOLUTION, "profile")
    assert isinstance(plot.block, Figure)
    assert plot.title.endswith("over 3 scenarios")
    assert "1 scenario without an answer left out" in plot.remarks[1]
    assert "plotly" in dict(plot._repr_mimebundle_())["text/html"]
    plot.save(tmp_path / "profile.html")
    assert (tmp_path / "profile.html").stat().st_size > 1e6  # plotly is inside
    with pytest.raises(InputError, match=r"saves as \.html"):
        plot.save(tmp_path / "profile.svg")


def test_feeder_alone() -> None:
    plot = plot_feeder(FEEDER)
    assert plot.title == FEEDER.title
    assert isinstance(plot.block, Diagram)
    assert repr(FEEDER.plot()) == repr(plot)
    assert len(repr(plot).splitlines()) == 2


def test_open_writes_a_page_and_asks_the_browser(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []
    monkeypatch.setattr(webbrowser, "open", asked.append)
    path = SOLUTION.plot().open()
    assert asked == [path.as_uri()]
    assert path.read_text(encoding="utf-8").startswith("<!")


def test_what_cannot_be_plotted_says_why(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="show must be one of lowest, highest, profile; got"
    ):
        SOLUTION.plot("loading")
    with pytest.raises(InputError, match="Scenario 3 does not exist"):
        SOLUTION.plot(scenario=3)
    with pytest.raises(InputError, match="no scenario has an answer"):
        SOLUTION.plot(scenario=2)
    with pytest.raises(InputError, match=r"'plot\.png' ends in neither"):
        SOLUTION.plot().save(tmp_path / "plot.png")
