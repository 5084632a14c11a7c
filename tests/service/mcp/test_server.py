"""Tools over the API of a service in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp")

from service_world import World, open_world

from tieline.service.mcp.connection import Connection, ServiceRefusal, connect
from tieline.service.mcp.server import make_server
from tieline.service.mcp.tools import Tools

QUESTION = {"study": "interval", "feeder": "ieee33", "seed": 3}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as opened:
        yield opened


@pytest.fixture
def connection(world: World) -> Connection:
    """As the participant ann."""
    world.client.headers["Authorization"] = f"Bearer {world.keys['ann']}"
    return Connection(world.client)


@pytest.fixture
def tools(connection: Connection) -> Tools:
    return Tools(connection)


def test_a_run_is_started_once_and_followed(tools: Tools):
    started = tools.start_run(**QUESTION)
    assert started["status"] == "waiting"
    assert tools.start_run(**QUESTION)["run"] == started["run"]
    assert tools.run_status(started["run"])["status"] == "waiting"
    with pytest.raises(ServiceRefusal, match="not finished"):
        tools.run_result(started["run"])


def test_all_that_is_wrong_is_told_together(tools: Tools):
    wrong = {"spread_pct": "much", "no_such_field": 1}
    with pytest.raises(ServiceRefusal) as refusal:
        tools.start_run("interval", "ieee33", configuration=wrong)
    assert "spread_pct" in str(refusal.value)
    assert "no_such_field" in str(refusal.value)


def test_feeders_studies_and_findings_are_told(tools: Tools):
    assert "ieee123" in [entry["feeder"] for entry in tools.list_feeders()]
    assert "connect" in [entry["study"] for entry in tools.list_studies()]
    assert tools.explain_finding("LOAD.KV_MISMATCH")["said"]


def call(connection: Connection, name: str, **arguments: Any) -> Any:
    return asyncio.run(make_server(connection).call_tool(name, arguments))


def test_the_server_offers_the_tools_with_their_text(connection: Connection):
    offered = asyncio.run(make_server(connection).list_tools())
    assert {tool.name for tool in offered} >= {
        "start_run",
        "run_status",
        "run_result",
        "list_feeders",
        "explain_finding",
    }
    assert all(tool.description for tool in offered)


def test_a_tool_answers_with_data(connection: Connection):
    answer = call(connection, "start_run", **QUESTION)
    assert answer.structured_content["status"] == "waiting"


def test_a_refusal_is_an_answer_and_no_defect(connection: Connection):
    with pytest.raises(Exception, match="Did you mean"):
        call(connection, "explain_finding", code="load.kv-mismatch")


def test_a_service_that_does_not_answer_is_told():
    with pytest.raises(ServiceRefusal, match="does not answer"):
        connect("http://127.0.0.1:9", "tieline_x")
