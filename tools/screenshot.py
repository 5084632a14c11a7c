"""Takes the picture of a report that README.md shows: `make screenshot`.

Needs Chromium or Chrome, which no other part of the project does; the picture is therefore kept under version control. It has few
colours, so that it stays small.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDTH_PX = 1200
HEIGHT_PX = 1600
COLOURS = 128
WAIT_MS = 8000
"""Time for the figures to be drawn; the browser's own clock, which runs faster than a clock on the wall."""


def screenshot(page: Path, picture: Path) -> None:
    """Write the top of an HTML page as a PNG picture."""
    if not page.is_file():
        raise SystemExit(f"'{page}' does not exist.")
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise SystemExit(f"None of {', '.join(BROWSERS)} is installed. Install one.")
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.png"
        options = [
            "--headless",
            "--no-sandbox",
            "--hide-scrollbars",
            f"--window-size={WIDTH_PX},{HEIGHT_PX}",
            f"--virtual-time-budget={WAIT_MS}",
            f"--screenshot={raw}",
        ]
        address = page.resolve().as_uri()
        subprocess.run([browser, *options, address], check=True, capture_output=True)
        image = Image.open(raw).convert("RGB").quantize(COLOURS)
    picture.parent.mkdir(parents=True, exist_ok=True)
    image.save(picture, optimize=True)


if __name__ == "__main__":
    screenshot(Path(sys.argv[1]), Path(sys.argv[2]))
