"""A page that somebody at a prompt wants to see, in the browser."""

from __future__ import annotations

import tempfile
import webbrowser
from collections.abc import Callable
from pathlib import Path


def open_page(name: str, write: Callable[[Path], None]) -> Path:
    """Write a page into a new temporary folder and show it; where there is no browser it is written all the same.

    Args:
        name: of the file, without its ending.
        write: writes the page to a path.

    Returns:
        Where it lies.
    """
    path = Path(tempfile.mkdtemp(prefix="tieline-")) / f"{name}.html"
    write(path)
    show_page(path)
    return path


def show_page(path: Path) -> None:
    """Show a page that is on disk."""
    webbrowser.open(path.resolve().as_uri())
