"""Running an OpenDSS script so that only the circuit's definition happens.

A master file may solve, plot or export. Solving moves taps and switches capacitors, and we want them as the file states
them; so the script is fed to the engine line by line, following `redirect` and `compile` ourselves, and lines that define
nothing are left out. That also lets an error name the file and line. The engine runs in a context of its own: a circuit
that the caller holds is left alone, and so is the working directory of the process.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tieline.errors import InputError, MissingExtraError

NOT_A_DEFINITION = (
    *("solve", "show", "plot", "export", "visualize", "dump", "save", "summary", "help", "pause", "sample", "panel", "quit"),
    *("doscmd", "fileedit", "estimate", "about"),
)
"""Commands that act or print; OpenDSS accepts any unambiguous beginning of a command, four letters of these are."""

QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|\([^)]*\)|\[[^\]]*\]|\{[^}]*\}")

LARGEST_DEPTH = 50
"""Redirects within redirects; deeper means a file that redirects to itself."""

Command = tuple[Path, int, str]
"""File, line number, and the text of the line without comments."""


@contextmanager
def compiled(path: Path) -> Iterator[Any]:
    """An engine context that holds the circuit of a script.

    Raises:
        InputError: a file is missing or the engine rejects a line; names file and line.
        MissingExtraError: opendssdirect.py is not installed.
    """
    try:
        import opendssdirect
    except ImportError:
        raise MissingExtraError("opendssdirect.py", "opendss", "Reading an OpenDSS file") from None
    if not path.is_file():
        raise InputError(f"OpenDSS file '{path}' does not exist. Check the path.")
    master = path.resolve()
    with _same_folder(), _without_side_effects(engine := opendssdirect.dss.NewContext()):
        for command in _commands(master, depth=0):
            _run(engine, command, opendssdirect.DSSException)
        if engine.Basic.NumCircuits() == 0:
            raise InputError(f"OpenDSS file '{path}' defines no circuit. Give the master file, the one with 'New Circuit'.")
        try:
            yield engine
        except opendssdirect.DSSException as error:
            raise InputError(f"OpenDSS cannot work with '{path}': {_one_line(error)}") from None


def blank_engine() -> Any:
    """A context with an empty circuit; shows what the engine brings along by itself."""
    import opendssdirect

    engine = opendssdirect.dss.NewContext()
    engine.Text.Command("new circuit.blank")
    return engine


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
    switches = (engine.Basic.AllowChangeDir, engine.Basic.AllowForms, engine.Basic.AllowEditor)
    before = [switch() for switch in switches]
    for switch in switches:
        switch(False)
    try:
        yield
    finally:
        for switch, value in zip(switches, before, strict=True):
            switch(value)


def _run(engine: Any, command: Command, engine_error: type[Exception]) -> None:
    file, number, text = command
    try:
        if engine.Basic.NumCircuits() and Path(engine.Basic.DataPath()) != file.parent:
            engine.Basic.DataPath(str(file.parent))  # files named in a script are relative to the folder of the script
        engine.Text.Command(text)
    except engine_error as error:
        raise InputError(f"OpenDSS file '{file}', line {number}: {_one_line(error)}") from None


def _commands(path: Path, depth: int) -> Iterator[Command]:
    """Definition commands of a file and of all it redirects to, with their places."""
    if depth > LARGEST_DEPTH:
        raise InputError(f"OpenDSS file '{path}' redirects to itself. Remove the loop.")
    in_comment = False
    for number, raw in enumerate(_text(path).splitlines(), start=1):
        line, in_comment = _without_comment(raw, in_comment)
        word = re.split(r"[\s=]", line, maxsplit=1)[0].lower()
        if not line or _begins(word, NOT_A_DEFINITION):
            continue
        if _begins(word, ("redirect", "compile")):
            yield from _commands(_target(path, number, line), depth + 1)
        else:
            yield path, number, line


def _begins(word: str, commands: tuple[str, ...]) -> bool:
    return len(word) >= 4 and any(command.startswith(word) for command in commands)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"OpenDSS file '{path}' cannot be read ({error.strerror}). Check its permissions.") from None


def _without_comment(raw: str, in_comment: bool) -> tuple[str, bool]:
    """The line without ! and // comments; /* */ comments cover whole lines, as in the engine."""
    line = raw.strip()
    if in_comment or line.startswith("/*"):
        return "", "*/" not in line
    return re.split(r"!|(?<!:)//", line, maxsplit=1)[0].strip(), False


def _target(path: Path, number: int, line: str) -> Path:
    """File that a redirect names; case is ignored where it must be, as on the system most files were written on."""
    name = _file_name(line)
    target = path.parent / name
    if not target.is_file() and target.parent.is_dir():
        twins = [other for other in target.parent.iterdir() if other.name.lower() == target.name.lower()]
        target = twins[0] if twins else target
    if not name or not target.is_file():
        raise InputError(f"OpenDSS file '{path}', line {number}: redirects to '{name}', which does not exist.")
    return target


def _file_name(line: str) -> str:
    """The argument of a redirect: quoted or bracketed it may hold blanks, bare it ends at the first."""
    argument = re.sub(r"^\S+\s*(file\s*=\s*)?", "", line, flags=re.IGNORECASE)
    quoted = QUOTED.match(argument)
    bare = re.match(r"\S*", argument)
    name = quoted[0][1:-1] if quoted else bare[0] if bare else ""
    return name.strip().replace("\\", "/")


def _one_line(error: Exception) -> str:
    text = str(error.args[-1] if error.args else error)
    return " ".join(text.split())
