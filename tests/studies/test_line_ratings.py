"""Ratings of lines."""

from __future__ import annotations

from dataclasses import replace

from builders import two_bus
from tieline.studies.line_ratings import with_line_ratings


def test_only_lines_without_rating_are_given_one() -> None:
    feeder = two_bus()
    rated = feeder.replace(lines=(replace(feeder.lines[0], rating_a=70.0),))
    assert with_line_ratings(feeder, 50.0).lines[0].rating_a == 50.0
    assert with_line_ratings(rated, 50.0).lines[0].rating_a == 70.0
    assert with_line_ratings(feeder, None) is feeder
