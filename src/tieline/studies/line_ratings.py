"""Ratings for lines that have none, where a study needs them."""

from __future__ import annotations

import dataclasses

from tieline.feeders.feeder import Feeder


def with_line_ratings(feeder: Feeder, rating_a: float | None) -> Feeder:
    """The feeder with a rating for every line that has none [A]."""
    if rating_a is None:
        return feeder
    lines = (
        line if line.is_rated else dataclasses.replace(line, rating_a=rating_a)
        for line in feeder.lines
    )
    return feeder.replace(lines=tuple(lines))
