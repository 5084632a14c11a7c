"""Fixtures that every test folder uses."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Folder with raw feeder files and reference solutions, beside the checkout; without it the test is skipped."""
    folder = Path(__file__).parents[2] / "shared"
    if not (folder / "feeders").is_dir():
        pytest.skip("raw feeders and reference solutions are not beside this checkout")
    return folder
