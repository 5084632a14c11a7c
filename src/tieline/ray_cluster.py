"""The connection to a Ray cluster, for all that can run on several machines: `ray_cluster` is open as long as its context lasts.

A cluster that is started here listens on this machine alone; one that does not answer is named at once. A connection that the
caller opened before is used and stays open.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tieline.errors import InputError, MissingExtraError

ON_LOOPBACK = ("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
"""Makes a cluster that is started here listen on 127.0.0.1, as Ray does by itself on Windows and macOS: nobody outside this
machine has business with it. Ray reads it when it is imported."""

ANSWER_WITHIN_S = 5.0
"""How long the address of a cluster may take to answer."""


def import_ray(needed_for: str = "Engine 'ray'") -> Any:
    """The package; raises `MissingExtraError`, which says what it is needed for, if it is not installed."""
    try:
        import ray
    except ImportError:
        raise MissingExtraError("ray", "ray", needed_for) from None
    return ray


@contextmanager
def ray_cluster(address: str | None) -> Iterator[Any]:
    """Connect to a cluster, or start one on this machine, for as long as the context lasts.

    Args:
        address: host:port of the cluster's head, "auto" for the one running here, None to start one.

    Yields:
        The package `ray`, connected.

    Raises:
        MissingExtraError: if Ray is not installed.
        InputError: if the cluster does not answer.
    """
    if address is None:
        os.environ.setdefault(*ON_LOOPBACK)
    ray = import_ray()
    if ray.is_initialized():  # the caller's own connection, which stays open
        yield ray
        return
    _connect(ray, address)
    try:
        yield ray
    finally:
        ray.shutdown()


def _connect(ray: Any, address: str | None) -> None:
    if address is not None and address != "auto":
        _check_answers(address)
    include_dashboard = None
    if address is None:
        include_dashboard = False
    quiet = {
        "log_to_driver": False,
        "logging_level": "error",
        "include_dashboard": include_dashboard,
    }
    try:
        ray.init(address=address or "local", **quiet)
    except (ConnectionError, RuntimeError, ValueError) as error:
        first_line = str(error).splitlines()[0]
        raise InputError(_no_answer(address or "local", first_line)) from None


def _check_answers(address: str) -> None:
    """Ray itself tries for minutes; a plain connection says at once whether anybody listens."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise InputError(
            f"Ray address '{address}' is not of the form host:port, for example 10.0.0.5:6379. Correct ray_address."
        )
    try:
        socket.create_connection((host, int(port)), timeout=ANSWER_WITHIN_S).close()
    except (OSError, OverflowError) as error:
        raise InputError(_no_answer(address, str(error))) from None


def _no_answer(address: str, why: str) -> str:
    remedy = (
        "Check ray_address, start one with `ray start --head`, or use engine local."
    )
    return f"No Ray cluster answers at '{address}' ({why}). {remedy}"
