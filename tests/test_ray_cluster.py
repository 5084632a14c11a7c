"""The connection to a Ray cluster: whom it asks, who may listen, and whose connection it leaves alone."""

from __future__ import annotations

import os
import re
import sys
import time
from types import SimpleNamespace

import pytest

from tieline.errors import InputError, MissingExtraError, install_command
from tieline.ray_cluster import ON_LOOPBACK, ray_cluster


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("127.0.0.1:1", "No Ray cluster answers at '127.0.0.1:1'"),
        ("nowhere", "not of the form host:port"),
        ("host:port", "not of the form host:port"),
    ],
)
def test_an_address_that_does_not_answer_is_named_at_once(
    address: str, message: str
) -> None:
    pytest.importorskip("ray", reason="Ray is not installed")
    before = time.perf_counter()
    with pytest.raises(InputError, match=message), ray_cluster(address):
        pass
    assert time.perf_counter() - before < 10


def test_a_cluster_started_here_listens_on_loopback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ray reads the variable when it is imported; without it its servers listen to the whole network."""
    variable, value = ON_LOOPBACK
    monkeypatch.delenv(variable, raising=False)
    # without `shutdown`: a connection that was open before must stay so
    running = SimpleNamespace(is_initialized=lambda: True)
    monkeypatch.setitem(sys.modules, "ray", running)
    with ray_cluster("auto") as ray:
        assert ray is running
        assert variable not in os.environ
    with ray_cluster(None):
        assert os.environ[variable] == value


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with (
        pytest.raises(MissingExtraError, match=re.escape(install_command("ray"))),
        ray_cluster(None),
    ):
        pass
