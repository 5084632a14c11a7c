"""A drawing as pixels: what is where, and in which colour."""

from __future__ import annotations

import numpy as np

from tieline.reports.raster import rasterise

HALF_RED = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="20" height="20" fill="#ff0000"/></svg>'


def test_pixels_stand_where_they_are_drawn() -> None:
    picture = rasterise(HALF_RED, width_px=80)
    assert (picture.shape, picture.dtype) == ((40, 80, 3), np.uint8)
    assert (picture[:, :40] == [255, 0, 0]).all()
    assert (picture[:, 40:] == 255).all()
