"""`LineSender`: gives lines to the engine, and judges those that it rejects.

A rejected line ends the reading, unless it names a shape that is nowhere defined, which a constant one stands in for
(`stand_ins.py`), or is about something that is left out of a feeder anyway (`rejected.py`).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tieline.errors import InputError
from tieline.feeders.opendss.circuit import Report
from tieline.feeders.opendss.script import stand_ins
from tieline.feeders.opendss.script.place import Place
from tieline.feeders.opendss.script.rejected import PROTECTION, forgive
from tieline.feeders.opendss.script.vocabulary import Vocabulary
from tieline.feeders.opendss.script.words import split_line


def input_error(place: Place, what: str) -> InputError:
    """The error of a line that ends the reading."""
    return InputError(f"OpenDSS file '{place.file}', line {place.number}: {what}")


@dataclass
class LineSender:
    """Gives lines to an engine context; `engine_error` is what the engine raises."""

    engine: Any
    engine_error: type[Exception]
    vocabulary: Vocabulary
    report: Report
    _stand_ins: set[tuple[str, str]] = field(default_factory=set)

    def forget(self) -> None:
        """Forget the stand-ins of a circuit that was cleared."""
        self._stand_ins.clear()

    def send(self, place: Place, line: str, kind: str | None) -> bool:
        """Whether the engine took the line, which is about an element of class `kind`; if not, it is left out.

        Raises:
            InputError: if it was rejected and cannot be left out.
        """
        try:
            self.engine.Text.Command(line)
        except self.engine_error as error:
            text = str(error.args[-1] if error.args else error)
            return self._judge(place, line, kind, " ".join(text.split()))
        return True

    def _judge(self, place: Place, line: str, kind: str | None, reason: str) -> bool:
        """Send a line that was rejected again, leave it out, or refuse it."""
        shape = stand_ins.undefined_shape(reason)
        # one that stands in already and is still not found is another fault
        if shape is not None and shape not in self._stand_ins:
            again = self._stand_in(place, line, shape)
            return self.send(place, again, kind)
        parameters = split_line(line)
        if kind is None or not forgive(kind, parameters, self.vocabulary):
            raise input_error(place, reason)
        # half a device has a bus of its own, which is none of the feeder
        if kind in PROTECTION and len(parameters) > 1:
            with suppress(self.engine_error):
                self.engine.Text.Command(f'disable "{parameters[1].value}"')
        what = f"OpenDSS rejects the line ({reason}); a {kind} is left out anyway."
        self.report.warning("LINE_REJECTED", str(place), what)
        return False

    def _stand_in(self, place: Place, line: str, shape: tuple[str, str]) -> str:
        """Define a constant shape; returns the line to send in place of the one that missed it."""
        kind, name = shape
        self._stand_ins.add(shape)
        # asked before the definition, which makes the shape the active element
        again = stand_ins.as_edit(line, self.engine.CktElement.Name())
        self.engine.Text.Command(stand_ins.definition(kind, name))
        what = (
            f"No {kind} '{name}' is defined; what names it keeps its power over time."
        )
        self.report.warning("SHAPE_MISSING", str(place), what)
        return again
