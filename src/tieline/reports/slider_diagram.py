"""A one-line diagram with a slider through time: buses change their class from step to step, a sentence says what is so now.

The drawing itself is that of `diagram`, coloured as in the step that is shown first; that is also what remains without a script.
`templates/slider.js` repaints it where the slider stands, `course` stores what changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tieline.errors import ShapeError
from tieline.feeders.feeder import Feeder
from tieline.reports.bus_colours import BusColours
from tieline.reports.colours import ClassStyle
from tieline.reports.course import make_course
from tieline.reports.diagram import check_bus_names, draw_feeder
from tieline.reports.dots import dot_attributes
from tieline.reports.legend import style_entry
from tieline.reports.slider import Slider, Steps
from tieline.typing import IntArray


def diagram_over_time(
    feeder: Feeder,
    class_of_bus: IntArray,
    styles: Sequence[ClassStyle],
    steps: Steps,
    *,
    legend: Mapping[str, ClassStyle],
    caption: str = "",
    tooltips: Mapping[str, str] | None = None,
) -> Slider:
    """Draw a feeder whose buses change over time.

    Args:
        feeder: a feeder that passed its checks.
        class_of_bus: position in `styles` of each bus, in the order of the feeder, (step, bus).
        styles: how the buses of each class are drawn.
        steps: what the slider moves through.
        legend: what a bus that is drawn so means, in all steps.
        caption: what the drawing shows, in a sentence.
        tooltips: text to show under the mouse for a bus.

    Raises:
        ShapeError: if steps, notes and classes differ in length, or a class is not in `styles`.
        InputError: if a tooltip names a bus that the feeder does not have, or if buses change too often for a page.
    """
    _check_lengths(class_of_bus, steps)
    _check_classes(class_of_bus, len(styles))
    check_bus_names(feeder, list(tooltips or {}))
    course = make_course([bus.name for bus in feeder.buses], class_of_bus)
    first_classes = course.at(steps.first)
    style = {bus: styles[number] for bus, number in first_classes.items()}
    entries = [style_entry(text, entry_style) for text, entry_style in legend.items()]
    colours = BusColours(style, [], entries, {})
    drawing = draw_feeder(feeder, colours, tooltips or {}, with_names=True)
    n_buses = len(feeder.buses)
    looks = [dot_attributes(n_buses, style) for style in styles]
    return Slider(drawing, course, looks, steps, caption)


def _check_lengths(class_of_bus: IntArray, steps: Steps) -> None:
    counts = len(class_of_bus), len(steps.names), len(steps.notes)
    if len(set(counts)) > 1:
        raise ShapeError(
            f"A slider got classes for {counts[0]} steps, {counts[1]} names and {counts[2]} notes. Give one of each per step."
        )


def _check_classes(class_of_bus: IntArray, n_styles: int) -> None:
    used = np.unique(class_of_bus)
    if len(used) and (used[0] < 0 or used[-1] >= n_styles):
        raise ShapeError(
            f"Classes of a slider run from {used[0]} to {used[-1]}, but there are {n_styles} styles. Number them from 0."
        )
