"""All pages."""

from __future__ import annotations

from fastapi import APIRouter

from tieline.service.pages import feeders, home, inbox, look, market, runs

ROUTES = APIRouter(include_in_schema=False)

for part in (home, look, runs, feeders, market, inbox):
    ROUTES.include_router(part.ROUTES)
