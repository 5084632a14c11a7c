"""`tieline serve`: markets and studies as a service on this machine."""

from __future__ import annotations

import inspect
from typing import Any

from tieline.cli.flags import field_flags
from tieline.config_files import make_config
from tieline.service.settings import ServiceSettings

GROUP = "Service"


def serve_command(**flags: Any) -> None:
    """Serve studies and markets: a web page, an API, and workers that compute.

    The first start makes an operator and shows its key once. `tieline keys add` makes more.
    """
    values = {name: value for name, value in flags.items() if value is not None}
    settings = make_config(ServiceSettings, values, values)
    require_service()
    # not at the top: help has no need of a database or a web server
    from tieline.service.serve import serve

    serve(settings)


serve_command.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    field_flags(ServiceSettings, group=GROUP)
)


def require_service() -> None:
    """Raise `MissingExtraError` where the packages of the service are not installed."""
    import importlib.util

    from tieline.errors import MissingExtraError

    for package in ("fastapi", "uvicorn", "sqlalchemy", "alembic", "prometheus_client"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError(package, "serve", "The service")
