"""`tieline mcp`: the service as tools for programs that speak the Model Context Protocol."""

from __future__ import annotations

import importlib.util
from typing import Annotated

from cyclopts import Parameter

from tieline.errors import MissingExtraError


def mcp(
    *,
    url: Annotated[
        str, Parameter(help="Address of the service.")
    ] = "http://127.0.0.1:8010",
    key: Annotated[
        str,
        Parameter(
            help="Key of the service, of `tieline keys add`.", env_var="TIELINE_KEY"
        ),
    ],
) -> None:
    """Offer runs of a service as tools, over standard input and output (Model Context Protocol)."""
    if importlib.util.find_spec("mcp") is None:
        raise MissingExtraError("mcp", "mcp", "The server of tools")
    from tieline.service.mcp.connection import connect
    from tieline.service.mcp.server import make_server

    make_server(connect(url, key)).run("stdio")
