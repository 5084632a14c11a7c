"""`compiled`: an engine that holds the circuit of a script, and nothing else that the script might do.

The script is fed to the engine line by line; `redirect` and `compile` are followed here, so that an error names file and line.
The engine runs in a context of its own: a circuit that the caller holds is left alone, and so is the working directory.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from tieline.errors import InputError
from tieline.feeders.findings import FeederError
from tieline.feeders.opendss.circuit import DssCircuit, Report
from tieline.feeders.opendss.script.line_check import REMEDY
from tieline.feeders.opendss.script.place import Place
from tieline.feeders.opendss.script.properties import LOADS_CODE
from tieline.feeders.opendss.script.runner import ScriptRunner
from tieline.feeders.opendss.script.vocabulary import Vocabulary


@contextmanager
def compiled(
    path: Path,
    report: Report | None = None,
    note: Callable[[Place], None] | None = None,
) -> Iterator[Any]:
    """An engine context that holds the circuit of a script.

    Args:
        path: the master file.
        report: takes what was left out of the script.
        note: is told each line before it is run.

    Raises:
        InputError: a file is missing or the engine rejects a line; names file and line.
        FeederError: the script would load a library, write, or change the circuit by a command that is not followed.
    """
    engine_error = require_engine().DSSException
    if not os.path.isfile(path):
        # `Path.is_file` raises an error for a name that is too long
        raise InputError(f"OpenDSS file '{path}' does not exist. Check the path.")
    report = report or Report()
    with _same_folder(), _without_side_effects(engine := new_engine()):
        _run(
            path.resolve(),
            ScriptRunner(engine, engine_error, engine_vocabulary(), report, note),
        )
        try:
            yield engine
        except engine_error as error:
            raise InputError(
                f"OpenDSS cannot work with '{path}': {_one_line(error)}"
            ) from None


def require_engine() -> Any:
    """The engine's package; raises `InputError` where this installation lacks it or cannot load it."""
    try:
        import opendssdirect
    except ImportError as error:
        raise InputError(
            f"Reading an OpenDSS file needs opendssdirect.py, which comes with tieline and cannot be loaded here ({error}). "
            "Install it anew: pip install --force-reinstall opendssdirect.py"
        ) from None
    return opendssdirect


def new_engine() -> Any:
    """A context without a circuit."""
    return require_engine().dss.NewContext()


def blank_engine() -> Any:
    """A context with an empty circuit; shows what the engine brings along by itself."""
    engine = new_engine()
    engine.Text.Command("new circuit.blank")
    return engine


@cache
def engine_vocabulary() -> Vocabulary:
    """The words of the engine that is installed."""
    return Vocabulary(blank_engine(), require_engine().DSSException)


def _run(path: Path, runner: ScriptRunner) -> None:
    engine = runner.engine
    report = runner.report
    try:
        runner.run_file(path)
    except InputError:
        # a line that was refused may be why the engine rejects a later one
        if not report.errors:
            raise
    _report_native_code(engine, report)
    if report.errors:
        raise FeederError(path.name, report.errors)
    if engine.Basic.NumCircuits() == 0:
        raise InputError(
            f"OpenDSS file '{path}' defines no circuit. Give the master file, the one with 'New Circuit'."
        )


def _report_native_code(engine: Any, report: Report) -> None:
    """Whatever a line looked like: no element may have a program library in the end."""
    words = engine_vocabulary()
    for kind in words.classes:
        if LOADS_CODE.isdisjoint(words.properties(kind).names):
            continue
        for properties in DssCircuit(engine).objects(kind, full=False):
            names = [
                name
                for name, value in properties.items()
                if name.lower() in LOADS_CODE and value
            ]
            if names:
                component = f"{kind} {properties['Name'].lower()}"
                report.error(
                    "NATIVE_CODE",
                    component,
                    f"It has '{names[0]}', a program library.",
                    REMEDY,
                )


@contextmanager
def _same_folder() -> Iterator[None]:
    """A new context may move the process back to the folder in which the engine was first loaded."""
    folder = os.getcwd()
    try:
        yield
    finally:
        os.chdir(folder)


@contextmanager
def _without_side_effects(engine: Any) -> Iterator[None]:
    """No change of directory, no windows. These switches hold for all contexts of the process, so they are put back."""
    switches = (
        engine.Basic.AllowChangeDir,
        engine.Basic.AllowForms,
        engine.Basic.AllowEditor,
    )
    before = [switch() for switch in switches]
    for switch in switches:
        switch(False)
    try:
        yield
    finally:
        for switch, value in zip(switches, before, strict=True):
            switch(value)


def _one_line(error: Exception) -> str:
    text = str(error.args[-1] if error.args else error)
    return " ".join(text.split())
