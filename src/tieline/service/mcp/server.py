"""`make_server`: the tools as a server of the Model Context Protocol."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

import tieline
from tieline.errors import TielineError
from tieline.service.mcp.connection import Connection
from tieline.service.mcp.tools import Tools

INSTRUCTIONS = """Studies of electric distribution feeders: power flow, hosting capacity, batteries, markets, microgrids, reserve,
restoration. Ask list_studies and list_feeders, then start_run, run_status until it is done, run_result. Say the warnings of a
result beside its numbers: they tell which limits are broken and what was approximated."""


def make_server(connection: Connection) -> MCPServer:
    """A server whose tools ask a service."""
    tools = Tools(connection)
    server = MCPServer(
        "tieline", version=tieline.__version__, instructions=INSTRUCTIONS
    )
    for tool in (
        tools.list_studies,
        tools.list_feeders,
        tools.start_run,
        tools.run_status,
        tools.run_result,
        tools.explain_finding,
    ):
        server.add_tool(_told(tool))
    return server


def _told(tool: Callable[..., Any]) -> Callable[..., Any]:
    """The tool, with refusals told as such and not as a defect."""

    @wraps(tool)
    def ask(*args: Any, **values: Any) -> Any:
        try:
            return tool(*args, **values)
        except TielineError as error:
            raise ToolError(str(error)) from error

    return ask
