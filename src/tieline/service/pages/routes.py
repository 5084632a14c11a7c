"""All pages."""

from __future__ import annotations

from fastapi import APIRouter

from tieline.service.pages import (
    feeders,
    home,
    inbox,
    look,
    market,
    run_start,
    runs,
)

ROUTES = APIRouter(include_in_schema=False)

# the form before the runs: `new` is no run's id
for part in (home, look, run_start, runs, feeders, market, inbox):
    ROUTES.include_router(part.ROUTES)
