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
from tieline.reports.slider import Slider
from tieline.typing import IntArray


def diagram_over_time(
    feeder: Feeder,
    class_of_bus: IntArray,
    styles: Mapping[str, ClassStyle],
    *,
    steps: Sequence[str],
    notes: Sequence[str],
    label: str = "Time",
    caption: str = "",
    first_step: int = 0,
    in_legend: Sequence[str] | None = None,
    tooltips: Mapping[str, str] | None = None,
) -> Slider:
    """Draw a feeder whose buses change over time.

    Args:
        feeder: a feeder that passed its checks.
        class_of_bus: position in `styles` of each bus, in the order of the feeder, (step, bus).
        styles: name and style of each class; classes without an entry in the legend are what a note explains.
        steps: what each step is called, for example "05:20", (step,).
        notes: what is so in each step, in a sentence, (step,).
        label: what the slider moves through.
        caption: what the drawing shows, in a sentence.
        first_step: shown before anybody moves the slider, and without a script.
        in_legend: names of the classes that the legend names; None names all.
        tooltips: text to show under the mouse for a bus.

    Raises:
        ShapeError: if steps, notes and classes differ in length, or a class is not in `styles`.
        InputError: if a tooltip names a bus that the feeder does not have, or if buses change too often for a page.
    """
    _check_lengths(class_of_bus, steps, notes, len(styles))
    check_bus_names(feeder, list(tooltips or {}))
    course = make_course([bus.name for bus in feeder.buses], class_of_bus)
    colours = _colours(course.at(first_step), styles, in_legend)
    svg = draw_feeder(feeder, colours, tooltips or {}, with_names=True)
    looks = [dot_attributes(len(feeder.buses), style) for style in styles.values()]
    return Slider(svg, course, looks, steps, notes, label, first_step, caption)


def _colours(
    class_of: Mapping[str, int],
    styles: Mapping[str, ClassStyle],
    in_legend: Sequence[str] | None,
) -> BusColours:
    """Colours of the step that is shown first; the legend holds for all steps."""
    by_number = list(styles.values())
    style = {bus: by_number[number] for bus, number in class_of.items()}
    named = styles if in_legend is None else in_legend
    legend = [style_entry(name, styles[name]) for name in named]
    return BusColours(style, [], legend, {})


def _check_lengths(
    class_of_bus: IntArray, steps: Sequence[str], notes: Sequence[str], n_styles: int
) -> None:
    counts = {len(class_of_bus), len(steps), len(notes)}
    if len(counts) > 1:
        raise ShapeError(
            f"A slider got classes for {len(class_of_bus)} steps, {len(steps)} names and {len(notes)} notes. Give one of each "
            "per step."
        )
    used = np.unique(class_of_bus)
    if len(used) and (used[0] < 0 or used[-1] >= n_styles):
        raise ShapeError(
            f"Classes of a slider run from {used[0]} to {used[-1]}, but there are {n_styles} styles. Number them from 0."
        )
