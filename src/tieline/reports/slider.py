"""A drawing that a slider moves through time: the block of a report, and what its page holds for `templates/slider.js`.

The slider is the browser's own, so it is moved by keys and read aloud like any other; each step speaks its name and its note.
Without a script, and on paper, the drawing stands in one step, with the note of that step below it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tieline.reports.course import Course, make_course
from tieline.reports.drawing_and_legend import OneLine

MOST_MARKS = 200
"""More marks above a slider than this would be one bar."""


@dataclass(frozen=True)
class Steps:
    """The steps that a slider moves through.

    Attributes:
        names: what each is called, for example "05:20".
        notes: what is so in each, in a sentence.
        label: what the slider moves through.
        first: shown before anybody moves the slider.
        stops: those that are marked, and that the buttons go to; None takes each in which a bus changes.
    """

    names: Sequence[str]
    notes: Sequence[str]
    label: str = "Time"
    first: int = 0
    stops: Sequence[int] | None = None


@dataclass(frozen=True)
class Slider:
    """A drawing that changes over time (see `slider_diagram`).

    Attributes:
        drawing: as in the step that is shown first; trusted, its buses carry their names as `data-bus`.
        course: classes of the buses over time.
        looks: SVG attributes of a bus of each class.
        steps: what the slider moves through.
        caption: what the drawing shows, in a sentence.
    """

    drawing: OneLine
    course: Course
    looks: Sequence[Mapping[str, str]]
    steps: Steps
    caption: str = ""
    kind: str = field(default="slider", init=False)

    @property
    def stops(self) -> list[int]:
        """Steps that are marked."""
        stops = self.steps.stops
        if stops is None:
            return self.course.changes
        return list(stops)


def slider_content(slider: Slider) -> dict[str, Any]:
    """What the template needs of a slider beside its drawing; `data` is what the script reads."""
    steps = slider.steps
    last = len(steps.names) - 1
    marks = []
    if len(slider.stops) <= MOST_MARKS:
        marks = slider.stops
    return {
        "kind": slider.kind,
        "caption": slider.caption,
        "label": steps.label,
        "first_step": steps.first,
        "last_step": last,
        "text": f"{steps.names[steps.first]}: {steps.notes[steps.first]}",
        "marks_pct": [f"{100 * step / last:.2f}" for step in marks],
        "data": _data(slider),
    }


def _data(slider: Slider) -> dict[str, Any]:
    # notes repeat as colours do: each text is stored once, and when it begins to hold
    notes = slider.steps.notes
    texts = list(dict.fromkeys(notes))
    number = {text: k for k, text in enumerate(texts)}
    numbers = np.array([[number[note]] for note in notes])
    (note,) = make_course(["note"], numbers).to_json()
    return {
        "steps": list(slider.steps.names),
        "texts": texts,
        "note": note,
        "looks": [dict(look) for look in slider.looks],
        "groups": slider.course.to_json(),
        "stops": slider.stops,
    }
