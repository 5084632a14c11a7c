"""`Words`: text on the screen whose lines end at plain spaces only.

rich ends a line at any kind of space, also at the narrow one between thousands: "3 490 kW" would stand in two lines.
"""

from __future__ import annotations

from typing import Any

from rich.console import Console, ConsoleOptions
from rich.measure import Measurement
from rich.text import Lines, Text

from tieline.reports.numbers import THIN_SPACE

STAND_IN = "\ue000"
"""A letter of no script, as wide as a space, while lines are broken."""

HELD = str.maketrans(THIN_SPACE, STAND_IN)
RELEASED = str.maketrans(STAND_IN, THIN_SPACE)


class Words(Text):
    """Text with narrow spaces at which no line breaks."""

    @classmethod
    def of(cls, text: Text) -> Words:
        """The same text."""
        return cls(
            text.plain,
            style=text.style,
            justify=text.justify,
            overflow=text.overflow,
            no_wrap=text.no_wrap,
            end=text.end,
            tab_size=text.tab_size,
            spans=text.spans,
        )

    def wrap(self, *place: Any, **options: Any) -> Lines:
        """Lines of a width, as `Text.wrap`."""
        lines = self._held().wrap(*place, **options)
        for line in lines:
            line.plain = line.plain.translate(RELEASED)
        return lines

    def __rich_measure__(
        self, console: Console, options: ConsoleOptions
    ) -> Measurement:
        return self._held().__rich_measure__(console, options)

    def _held(self) -> Text:
        # a plain `Text`: this class would ask itself
        return Text(
            self.plain.translate(HELD),
            style=self.style,
            end=self.end,
            spans=self.spans,
        )
