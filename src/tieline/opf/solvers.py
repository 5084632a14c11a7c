"""The solvers of the extra `opf`, imported when they are first needed: they take long to load and may be missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tieline.errors import MissingExtraError


def import_solver(package: str, needed_for: str) -> Any:
    """A solver's module; raises `MissingExtraError`, which says how to install it."""
    try:
        return import_module(package)
    except ImportError:
        raise MissingExtraError(package, "opf", needed_for) from None
