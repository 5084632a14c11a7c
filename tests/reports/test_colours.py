"""Colours stay apart for colour-blind readers, and the scale darkens evenly towards the worst end."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tieline.reports.colours import (
    CATEGORIES,
    CLASS_STYLES,
    VIRIDIS,
    category_colour,
    class_styles,
    colour_at,
)

SEEN_AS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
"""Linear RGB as it is seen; G. M. Machado and others, IEEE Trans. Visualization and Computer Graphics 15 (2009), 1291-1298."""


def lab(colour: str, seen_as: str = "normal") -> np.ndarray:
    """CIE L*a*b* (D65) of a colour as it is seen."""
    rgb = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(SEEN_AS[seen_as] @ linear, 0, 1)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x, y, z = np.cbrt(to_xyz @ linear / (0.9505, 1.0, 1.089))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("seen_as", SEEN_AS)
def test_classes_stay_apart(seen_as: str):
    fills = [style.fill for style in CLASS_STYLES.values()]
    assert (
        min(
            np.linalg.norm(lab(a, seen_as) - lab(b, seen_as))
            for a, b in itertools.combinations(fills, 2)
        )
        > 25
    )


def test_scale_darkens_evenly():
    steps = np.diff([lab(colour)[0] for colour in VIRIDIS])
    assert steps.max() < 0
    assert steps.min() > 2 * steps.mean()


def test_dark_end_is_the_worst():
    assert colour_at(1.0, "high") == colour_at(0.0, "low") == VIRIDIS[-1]
    assert colour_at(0.0, "high") == VIRIDIS[0]


def test_colours_between_and_beyond_the_steps():
    middle = [
        (int(VIRIDIS[0][k : k + 2], 16) + int(VIRIDIS[1][k : k + 2], 16)) / 2
        for k in (1, 3, 5)
    ]
    halfway = colour_at(0.5 / (len(VIRIDIS) - 1))
    assert [int(halfway[k : k + 2], 16) for k in (1, 3, 5)] == pytest.approx(
        middle, abs=0.6
    )
    assert colour_at(-3) == VIRIDIS[0]
    assert colour_at(7) == VIRIDIS[-1]


def test_known_classes_come_first_and_others_get_colours_of_their_own():
    styles = class_styles({"a": "west", "b": "critical", "c": "east", "d": "ok"})
    assert list(styles) == ["ok", "critical", "east", "west"]
    assert len({style.fill for style in styles.values()}) == 4


def test_colours_come_again_lighter() -> None:
    count = len(CATEGORIES)
    assert [category_colour(k) for k in range(count)] == list(CATEGORIES)
    colours = {category_colour(k) for k in range(2 * count)}
    assert len(colours) == 2 * count
    # half way from #0072b2 to white
    assert category_colour(count) == "#80b8d8"
