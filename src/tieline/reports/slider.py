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


@dataclass(frozen=True)
class Slider:
    """A drawing that changes over time (see `slider_diagram`).

    Attributes:
        svg: the drawing as in the step that is shown first; trusted, its buses carry their names as `data-bus`.
        course: classes of the buses over time.
        looks: SVG attributes of a bus of each class.
        steps: what each step is called.
        notes: what is so in each step, in a sentence.
        label: what the slider moves through.
        first_step: shown before anybody moves the slider.
        caption: what the drawing shows, in a sentence.
    """

    svg: str
    course: Course
    looks: Sequence[Mapping[str, str]]
    steps: Sequence[str]
    notes: Sequence[str]
    label: str = "Time"
    first_step: int = 0
    caption: str = ""
    kind: str = field(default="slider", init=False)


def slider_content(slider: Slider) -> dict[str, Any]:
    """What the template needs of a slider; `data` is what the script reads."""
    first = slider.first_step
    return {
        "kind": slider.kind,
        "svg": slider.svg,
        "caption": slider.caption,
        "label": slider.label,
        "first_step": first,
        "last_step": len(slider.steps) - 1,
        "text": f"{slider.steps[first]}: {slider.notes[first]}",
        "changes": slider.course.changes,
        "data": _data(slider),
    }


def _data(slider: Slider) -> dict[str, Any]:
    # notes repeat as colours do: each text is stored once, and when it begins to hold
    texts = list(dict.fromkeys(slider.notes))
    number = {text: k for k, text in enumerate(texts)}
    numbers = np.array([[number[note]] for note in slider.notes])
    (note,) = make_course(["note"], numbers).to_json()
    return {
        "steps": list(slider.steps),
        "texts": texts,
        "note": note,
        "looks": [dict(look) for look in slider.looks],
        "groups": slider.course.to_json(),
        "changes": slider.course.changes,
    }
