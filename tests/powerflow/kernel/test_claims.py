"""Two processes do not compile the same function at once, and neither waits for one that is gone."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import IO

import pytest

from tieline.powerflow.kernel import claims
from tieline.powerflow.kernel.claims import claimed, share_claims

pytest.importorskip("fcntl")

HOLDER = """
import sys
from tieline.powerflow.kernel.claims import claimed, share_claims
share_claims(int(sys.argv[1]))
with claimed("loop"):
    print("held", flush=True)
    sys.stdin.read()
print("freed", flush=True)
sys.stdin.read()
"""
"""Holds a claim until its input ends."""


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch) -> Iterator[IO[bytes]]:
    monkeypatch.setattr(claims, "_file", None)
    with tempfile.TemporaryFile() as file:
        share_claims(file.fileno())
        yield file


@pytest.fixture
def holder(file: IO[bytes]) -> Iterator[subprocess.Popen[str]]:
    """Another process, which holds the claim to `loop`."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file.fileno())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        pass_fds=[file.fileno()],
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def waits_for(function: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether this process waits for the claim until it gives up; it goes on all the same."""
    naps: list[float] = []
    with monkeypatch.context() as patch:
        patch.setattr(claims, "PATIENCE_S", 0.05)
        patch.setattr(claims.time, "sleep", naps.append)
        with claimed(function):
            pass
    return bool(naps)


def test_what_another_process_compiles_is_waited_for(
    holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert waits_for("loop", monkeypatch)
    assert not waits_for("judge", monkeypatch)


def test_a_claim_ends_with_the_process_that_held_it(
    holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    holder.kill()
    holder.wait()
    assert not waits_for("loop", monkeypatch)


def test_a_claim_is_freed_for_the_other_process(file: IO[bytes]) -> None:
    with claimed("loop"), claimed("leaf"):
        pass
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file.fileno())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        pass_fds=[file.fileno()],
    ) as process:
        assert process.communicate(timeout=30)[0] == "held\nfreed\n"


def test_without_another_process_nothing_is_claimed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(claims, "_file", None)
    monkeypatch.setattr(claims, "_lock", lambda file, place: pytest.fail("locked"))
    with claimed("loop"):
        pass
