"""The page about the service is true: its requests are sent by curl and answered as it says."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from page_examples import DOCS
from service_world import World, open_world

PAGE = (DOCS / "service.md").read_text("utf-8")
REQUEST = re.compile(r"^# (\d{3})\n(curl .*?[^\\])$", re.M | re.S)
"""A request by curl, below the status that it is answered with."""

STATUS = ' -s -S -o /dev/null --noproxy "*" -w "%{http_code}"'


@pytest.fixture
def address(tmp_path: Path) -> Iterator[tuple[World, str]]:
    """A service that listens, with the market and the participant of the page."""
    with open_world(tmp_path) as world:
        server = uvicorn.Server(uvicorn.Config(world.app, log_level="warning"))
        # listens at once: a request waits until the server is there
        listener = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        port = listener.getsockname()[1]
        try:
            yield world, f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_requests_are_answered_as_the_page_says(address: tuple[World, str]):
    world, place = address
    requests = REQUEST.findall(PAGE)
    assert len(requests) == PAGE.count("\ncurl ") == 6
    for status, command in requests:
        command = command.replace("http://127.0.0.1:8010", place) + STATUS
        environment = os.environ | {"KEY": world.keys["ann"]}
        answer = subprocess.run(
            command, shell=True, env=environment, capture_output=True, text=True
        )
        assert answer.stdout == status, f"{command}: {answer.stderr}"


def test_every_path_of_the_page_exists(address: tuple[World, str]):
    world, _ = address
    paths = world.app.openapi()["paths"]
    interval = "/v1/markets/{market}/intervals/{interval}"
    for method, path in re.findall(r"`(GET|PUT|POST|DELETE) (/[\w/{}-]+)", PAGE):
        whole = path if path.startswith("/v1") else interval + path
        assert method.lower() in paths[whole], f"{method} {path}"
