"""A second process starts where it was asked for and pays, compiles what the first then loads, and ends with it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from numba.core import ir
from numba.core.compiler import run_frontend
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target
from numba.core.typed_passes import type_inference_stage

from tieline import load_feeder
from tieline.powerflow import second_process
from tieline.powerflow.check.residuals import judge_groups
from tieline.powerflow.compile_ahead import compile_ahead
from tieline.powerflow.controls.crew import make_crew
from tieline.powerflow.controls.loop import act_or_release, fill_inner, solve_acting
from tieline.powerflow.controls.meters import read_meters
from tieline.powerflow.kernel import claims
from tieline.powerflow.kernel.iteration import iterate, update_errors
from tieline.powerflow.kernel.kernel_cache import LateCache
from tieline.powerflow.kernel.substitution import back
from tieline.powerflow.kernel.workspace import make_workspace
from tieline.powerflow.losses import _sum_losses
from tieline.powerflow.second_process import allow_second_process, share_compiling

pytest.importorskip("fcntl")


class Cache(LateCache):
    """Of a function that is compiled already or not."""

    def __init__(self, is_empty: bool):
        self._is_empty = is_empty

    def lacks_kernels(self) -> bool:
        return self._is_empty


class Kernel:
    """A compiled function of which some or nothing is on disk."""

    def __init__(self, is_empty: bool):
        self._cache = Cache(is_empty)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The plans of the processes that were started."""
    plans: list[str] = []
    monkeypatch.setattr(second_process, "_asker", 0)
    monkeypatch.setattr(second_process, "_n_processors", lambda: 2)
    monkeypatch.setattr(second_process, "_start", plans.append)
    return plans


def test_one_is_started_for_a_command_where_nothing_is_compiled(
    started: list[str],
) -> None:
    allow_second_process()
    share_compiling(Kernel(is_empty=True), "acting")
    share_compiling(Kernel(is_empty=True), "resting")
    assert started == ["acting"]


def test_none_is_started_for_who_did_not_ask(started: list[str]) -> None:
    share_compiling(Kernel(is_empty=True), "acting")
    assert started == []


def test_none_is_started_where_kernels_are_on_disk_or_cannot_be(
    started: list[str],
) -> None:
    for kernel in (Kernel(is_empty=False), object()):
        allow_second_process()
        share_compiling(kernel, "acting")
    assert started == []


def test_none_is_started_on_one_processor(
    started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_process, "_n_processors", lambda: 1)
    allow_second_process()
    share_compiling(Kernel(is_empty=True), "acting")
    assert started == []


def test_a_fork_of_the_command_starts_none(
    started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    allow_second_process()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    share_compiling(Kernel(is_empty=True), "acting")
    assert started == []


def test_a_solver_tells_which_kernels_it_needs(started: list[str]) -> None:
    """Neither feeder starts a process: their kernels are on disk after the first solve."""
    for feeder in ("ieee13", "ieee33"):
        load_feeder(feeder).solve()
        allow_second_process()
        load_feeder(feeder).solve()
    assert started == []
    assert second_process._asker == 0


def calls_in(function: Any, arguments: Any) -> dict[str, Any]:
    """The types of the arguments of every call in a function given arguments of some types, by the name of what is called."""
    body = run_frontend(function)
    target: Any = cpu_target.target_context
    target.refresh()
    with global_compiler_lock:
        typed = type_inference_stage(
            cpu_target.typing_context, target, body, arguments, None
        )
    callees = {}
    for call, signature in typed.calltypes.items():
        if isinstance(call, ir.Expr) and call.op == "call":
            callee = body.infer_constant(call.func)
            callees[callee.__name__] = signature.args
    return callees


def test_it_compiles_for_the_types_that_a_power_flow_hands_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entries = (fill_inner, judge_groups, _sum_losses)
    for feeder in ("ieee123", "ieee13"):
        assert load_feeder(feeder).solve().loss_kw > 0
    asked: dict[str, Any] = {}
    for part in (act_or_release, read_meters, update_errors, back):
        name = part.__name__
        monkeypatch.setattr(
            part, "compile", lambda kinds, name=name: asked.update({name: kinds})
        )
    compile_ahead("acting")
    monkeypatch.undo()
    makers = (make_workspace, make_crew)
    made = {maker.__name__: maker.signatures for maker in makers}
    assert [len(entry.signatures) for entry in entries] == [1, 1, 1]

    (signature,) = solve_acting.signatures
    calls = calls_in(solve_acting.py_func, signature)
    calls |= calls_in(iterate.py_func, calls["iterate"])
    for name, kinds in asked.items():
        assert [str(kind) for kind in calls[name]] == [str(kind) for kind in kinds]
    assert len(asked) == 4
    for name, signatures in made.items():
        assert calls[name] in signatures


STARTER = """
import os
import signal
import tieline.powerflow.second_process as module
from tieline.powerflow.second_process import allow_second_process, share_compiling
from tieline.powerflow.controls.loop import solve_acting
popen = module.subprocess.Popen
def told(*arguments, **options):
    process = popen(*arguments, **options)
    print(process.pid, flush=True)
    return process
module.subprocess.Popen = told
module._n_processors = lambda: 2
allow_second_process()
share_compiling(solve_acting, "acting")
{end}
"""


@pytest.mark.parametrize("end", ["", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_it_ends_with_the_first_and_leaves_no_half_written_file(
    tmp_path: Path, end: str
) -> None:
    starter = subprocess.run(
        [sys.executable, "-c", STARTER.format(end=end)],
        env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    pid = int(starter.stdout)
    latest_s = time.monotonic() + 60
    while is_running(pid) and time.monotonic() < latest_s:
        time.sleep(0.05)
    assert not is_running(pid)
    suffixes = {path.suffix for path in tmp_path.rglob("*") if path.is_file()}
    assert suffixes <= {".nbi", ".nbc"}


def is_running(pid: int) -> bool:
    """Whether a process still runs; one that has ended may be listed until somebody asks how it ended."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_power_flow_does_without_it_where_it_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = load_feeder("ieee13").solve().v_pu
    monkeypatch.setattr(claims, "_file", None)
    monkeypatch.setattr(second_process, "MODULE", "tieline.no_such_module")
    monkeypatch.setattr(second_process, "_asker", os.getpid())
    share_compiling(Kernel(is_empty=True), "acting")
    assert (load_feeder("ieee13").solve().v_pu == expected).all()
