"""`rasterise`: a drawing as pixels, for videos and whatever else shows no SVG.

Done by resvg, a renderer of static SVG in Rust that needs no library of the system; letters come from the fonts of the machine,
and are left out where it has none.
"""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from tieline.errors import MissingExtraError
from tieline.reports.colours import PAPER

EXTRA = "envs"
"""Videos of episodes are what pixels are needed for."""


def rasterise(svg: str, width_px: int) -> NDArray[np.uint8]:
    """A drawing on white paper, (height, width, 3) red, green and blue; its height follows from the drawing's own.

    Raises:
        MissingExtraError: if a package that draws pixels is missing.
    """
    try:
        from PIL import Image
        from resvg_py import svg_to_bytes
    except ImportError as error:
        raise MissingExtraError(str(error.name), EXTRA, "A picture in pixels") from None
    png = svg_to_bytes(svg_string=svg, width=width_px, background=PAPER)
    with Image.open(BytesIO(png)) as image:
        return np.array(image.convert("RGB"))
