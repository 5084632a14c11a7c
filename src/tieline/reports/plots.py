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

from tieline.counted import counted
from tieline.errors import InputError
from tieline.feeders import Feeder
from tieline.network.voltage_points import voltage_points
from tieline.powerflow import Solution
from tieline.reports.browser import open_page
from tieline.reports.diagram import one_line_svg
from tieline.reports.html import Diagram, Figure, Report, Section, write_page
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
    """

    title: str
    description: str
    block: Diagram | Figure
    facts: tuple[tuple[str, Any], ...] = ()

    def __repr__(self) -> str:
        """What a user wants to know at a prompt."""
        return f"Plot '{self.title}'\n  .open() shows it in the browser, .save('file.html') keeps it"

    def _repr_mimebundle_(self, **_: Any) -> Mapping[str, Any]:
        """What a notebook shows."""
        if isinstance(self.block, Diagram):
            return {"text/html": self.block.svg, "text/plain": repr(self)}
        # plotly knows which notebooks draw its figures themselves; elsewhere it says nothing
        figure = self.block.figure
        bundle = figure._repr_mimebundle_()
        return bundle or {"text/html": figure.to_html(full_html=False)}

    def save(self, path: Path | str) -> None:
        """Write it: `.html` a page that opens anywhere without a network, `.svg` the drawing alone.

        Raises:
            InputError: for another ending, or a figure as `.svg`.
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix == ".html":
            self._write_page(path)
        elif suffix == ".svg" and isinstance(self.block, Diagram):
            path.write_text(self.block.svg, encoding="utf-8")
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
        report = Report(self.title, self.description, self.facts, [section])
        write_page(path, report, {})


def plot_feeder(feeder: Feeder) -> Plot:
    """The one-line diagram of a feeder.

    Args:
        feeder: a feeder; it is checked first.

    Raises:
        FeederError: with everything that is wrong about the feeder, if anything is.
    """
    checked = feeder.network.feeder
    title = checked.title or checked.name
    drawing = Diagram(one_line_svg(checked))
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
        InputError: for another `show`, a scenario that does not exist, or where no scenario has an answer.
    """
    if show not in get_args(Show):
        raise InputError(f"show is {' or '.join(get_args(Show))}; got {show!r}.")
    if scenario is not None:
        solution.require_scenario(scenario)
        solution = solution.of_scenarios(slice(scenario, scenario + 1))
    if not solution.converged.any():
        raise InputError(
            f"There is nothing to plot: no scenario has an answer. {solution.failures[0]}"
        )
    feeder = solution.network.feeder
    by_bus = extremes_by_bus(solution)
    where = f"of {feeder.name}"
    if scenario is not None:
        where = f"{where}, scenario {scenario}"
    elif solution.n_scenarios > 1:
        where = f"{where} over {counted(solution.n_scenarios, 'scenario')}"
    facts = (
        ("lowest voltage [pu]", float(by_bus["lowest"].min())),
        ("highest voltage [pu]", float(by_bus["highest"].max())),
        ("scenarios with an answer", int(solution.converged.sum())),
    )
    if show == "profile":
        figure = voltage_profile(feeder, by_bus, {})
        description = "Each bus stands at its distance from the source, with the lowest and the highest voltage of its phases."
        return Plot(
            f"Voltage over distance {where}", description, Figure(figure), facts
        )
    svg = one_line_svg(
        feeder,
        bus_values={str(bus): value for bus, value in by_bus[show].items()},
        value_label=f"{show} voltage",
        worst="low" if show == "lowest" else "high",
    )
    description = f"Each bus has the colour of the {show} voltage of its phases."
    return Plot(
        f"{show.capitalize()} voltages {where}", description, Diagram(svg), facts
    )


def extremes_by_bus(solution: Solution) -> pd.DataFrame:
    """Lowest and highest voltage of each bus over its phases and the scenarios with an answer, indexed by bus [pu]; NaN for a bus
    without voltage.
    """
    points = voltage_points(solution.network)
    vm_pu = points.magnitude_pu(solution.v_pu[solution.converged])
    # 0 is de-energised, not low
    live_pu = np.where(vm_pu > 0, vm_pu, np.nan)
    buses = [bus.name for bus in solution.network.feeder.buses]
    lowest: FloatArray = np.full(len(buses), np.nan)
    highest: FloatArray = np.full(len(buses), np.nan)
    # both pass over NaN
    np.fmin.at(lowest, points.bus, np.fmin.reduce(live_pu, axis=0))
    np.fmax.at(highest, points.bus, np.fmax.reduce(live_pu, axis=0))
    return pd.DataFrame({"lowest": lowest, "highest": highest}, index=buses)
