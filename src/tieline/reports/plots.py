"""Pictures of a feeder or a solution for whoever types: shown by a notebook, opened in the browser, saved as HTML or SVG.

They are the parts of the reports: the one-line diagram, and the voltage over the distance from the source. Voltages are those
that limits apply to, `network.voltage_points`: to ground on grounded sections, between phases on others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from tieline.arguments import name_maker, path_of, require_kind
from tieline.counted import counted
from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.feeders.feeder import require_feeder
from tieline.feeders.findings import note_lines
from tieline.network.voltage_points import voltage_points
from tieline.powerflow import Solution
from tieline.powerflow.options import require_choice
from tieline.reports.browser import open_page
from tieline.reports.colours import Worst
from tieline.reports.diagram import one_line
from tieline.reports.headline import Headline
from tieline.reports.html import Diagram, Figure, Report, Section, write_page
from tieline.reports.remarks import approximated
from tieline.reports.voltage_profile import voltage_profile
from tieline.typing import FloatArray

Show = Literal["lowest", "highest", "profile"]


@dataclass(frozen=True)
class Plot:
    """A picture with its title; a notebook shows it by itself.

    Attributes:
        title: what it shows.
        description: how it is read, in a sentence.
        block: the drawing or the figure.
        facts: what its page says beside it, as label and value.
        remarks: what a reader must know, one sentence each.
    """

    title: str
    description: str
    block: Diagram | Figure
    facts: tuple[tuple[str, Any], ...] = ()
    remarks: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """What a user wants to know at a prompt."""
        return f"Plot '{self.title}'\n  .open() shows it in the browser, .save('file.html') keeps it"

    def _repr_mimebundle_(self, **_: Any) -> Mapping[str, Any]:
        """What a notebook shows."""
        if isinstance(self.block, Diagram):
            return {"text/html": _svg(self.block), "text/plain": repr(self)}
        # plotly knows which notebooks draw its figures themselves; elsewhere it says nothing
        figure = self.block.figure
        bundle = figure._repr_mimebundle_()
        return bundle or {"text/html": figure.to_html(full_html=False)}

    def save(self, path: Path | str) -> None:
        """Write it: `.html` a page that opens anywhere without a network, `.svg` the drawing alone.

        Raises:
            InputError: for what is no path, another ending, or a figure as `.svg`.
        """
        path = path_of(path, "Plot.save")
        suffix = path.suffix.lower()
        if suffix == ".html":
            self._write_page(path)
        elif suffix == ".svg" and isinstance(self.block, Diagram):
            path.write_text(_svg(self.block), encoding="utf-8")
        elif suffix == ".svg":
            raise InputError(
                "A voltage profile is a figure of plotly and saves as .html; the diagrams, 'lowest' and 'highest', save as .svg."
            )
        else:
            raise InputError(
                f"A plot saves as .html or .svg; '{path.name}' ends in neither."
            )

    def open(self) -> Path:
        """Show it in the browser; returns the page, which lies in a temporary folder."""
        return open_page("plot", self._write_page)

    def _write_page(self, path: Path) -> None:
        heading = "Diagram" if isinstance(self.block, Diagram) else "Profile"
        section = Section(heading, [self.block])
        headline = Headline(self.title, self.description, self.facts)
        report = Report(headline, [section])
        write_page(path, report, {}, approximated(self.remarks))


def _svg(diagram: Diagram) -> str:
    """The drawing with its legend, alone."""
    drawing = diagram.drawing
    return drawing if isinstance(drawing, str) else drawing.svg


def plot_feeder(feeder: Feeder) -> Plot:
    """The one-line diagram of a feeder.

    Args:
        feeder: a feeder; it is checked first.

    Raises:
        InputError: if it is no `Feeder`.
        FeederError: with everything that is wrong about the feeder, if anything is.
    """
    require_feeder(feeder)
    checked = feeder.network.feeder
    title = checked.title or checked.name
    drawing = Diagram(one_line(checked))
    return Plot(title, "What an element is appears under the mouse.", drawing)


def plot_voltages(
    solution: Solution, show: str = "lowest", scenario: int | None = None
) -> Plot:
    """The voltages of a solution.

    Args:
        solution: one scenario or many.
        show: "lowest" or "highest", the diagram coloured by that voltage of each bus, over its phases and all scenarios;
            "profile", both over the distance from the source.
        scenario: one scenario alone; None for all.

    Raises:
        InputError: for what is no `Solution`, another `show`, a scenario that does not exist, or where no scenario has an answer.
    """
    require_kind(solution, Solution, "plot_voltages", "feeder.solve()")
    require_choice("show", show, get_args(Show))
    if scenario is not None:
        solution.require_scenario(scenario)
        solution = solution.of_scenarios(slice(scenario, scenario + 1))
    if not solution.converged.any():
        raise InputError(
            f"There is nothing to plot: no scenario has an answer. {solution.failures[0]}"
        )
    feeder = solution.network.feeder
    by_bus = extremes_by_bus(solution)
    where = f"of {feeder.name}{_which(solution, scenario)}"
    if show == "profile":
        title = f"Voltage over distance {where}"
        description = "Each bus stands at its distance from the source, with the lowest and the highest voltage of its phases."
        block = Figure(voltage_profile(feeder, by_bus, {}))
    else:
        title = f"{show.capitalize()} voltages {where}"
        description = f"Each bus has the colour of the {show} voltage of its phases."
        block = _diagram(feeder, by_bus[show], show)
    facts = (
        ("lowest voltage", f"{by_bus['lowest'].min():.4f} pu"),
        ("highest voltage", f"{by_bus['highest'].max():.4f} pu"),
        ("scenarios with an answer", int(solution.converged.sum())),
    )
    return Plot(title, description, block, facts, _remarks(solution))


def _which(solution: Solution, scenario: int | None) -> str:
    """Which scenarios are shown, to go behind the feeder's name; nothing where there is only one."""
    if scenario is not None:
        return f", scenario {scenario}"
    if solution.n_scenarios > 1:
        return f" over {counted(solution.n_scenarios, 'scenario')}"
    return ""


def _diagram(feeder: Feeder, values: pd.Series, show: str) -> Diagram:
    worst: Worst = "low" if show == "lowest" else "high"
    by_name = {str(bus): float(value) for bus, value in values.items()}
    return Diagram(
        one_line(feeder, bus_values=by_name, value_label=f"{show} voltage", worst=worst)
    )


def _remarks(solution: Solution) -> tuple[str, ...]:
    """What a picture leaves out, and what the feeder's reader and checks said."""
    remarks = ["A picture judges no limit; a study does."]
    n_failed = int((~solution.converged).sum())
    if n_failed:
        remarks.append(
            f"{counted(n_failed, 'scenario')} without an answer left out; solution.failures says why."
        )
    remarks += note_lines(solution.network.feeder.notes)
    return tuple(remarks)


def extremes_by_bus(solution: Solution) -> pd.DataFrame:
    """Lowest and highest voltage of each bus over its phases and the scenarios with an answer, indexed by bus [pu]; NaN for a bus
    without voltage.
    """
    points = voltage_points(solution.network)
    live_pu = points.live_pu(solution.v_pu[solution.converged])
    buses = [bus.name for bus in solution.network.feeder.buses]
    lowest: FloatArray = np.full(len(buses), np.nan)
    highest: FloatArray = np.full(len(buses), np.nan)
    # both pass over NaN
    np.fmin.at(lowest, points.bus, np.fmin.reduce(live_pu, axis=0))
    np.fmax.at(highest, points.bus, np.fmax.reduce(live_pu, axis=0))
    return pd.DataFrame({"lowest": lowest, "highest": highest}, index=buses)


name_maker(Plot, "Make one: plot_feeder(feeder), or plot_voltages(solution).")
