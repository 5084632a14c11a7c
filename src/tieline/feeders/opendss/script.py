"""Running an OpenDSS script so that only the circuit's definition happens.

A master file may solve, plot or export. Solving moves taps and switches capacitors, and we want them as the file states them; so the script is fed
to the engine line by line, following `redirect` and `compile` ourselves, and lines that do not define anything are left out. It also
lets an error name the file and line. The engine runs in a context of its own: a circuit that the caller holds is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tieline.errors import InputError, MissingExtraError

NOT_A_DEFINITION = ("solve", "show", "plot", "export", "visualize", "dump", "save", "summary", "help", "pause", "sample", "panel", "quit")
"""Commands that act or print; OpenDSS accepts any unambiguous beginning of a command, four letters of these are."""

LARGEST_DEPTH = 50
"""Redirects within redirects; deeper means a file that redirects to itself."""


def compile_script(path: Path) -> Any:
    """An engine context that holds the circuit of a script; raises `InputError` naming file and line."""
    try:
        import opendssdirect
    except ImportError:
        raise MissingExtraError("opendssdirect.py", "opendss", "Reading an OpenDSS file") from None
    if not path.is_file():
        raise InputError(f"OpenDSS file '{path}' does not exist. Check the path.")
    engine = opendssdirect.dss.NewContext()
    engine.Basic.AllowChangeDir(False)
    engine.Basic.AllowForms(False)
    engine.Basic.AllowEditor(False)
    for file, number, command in _commands(path.resolve(), depth=0):
        try:
            _follow_folder(engine, file)
            engine.Text.Command(command)
        except Exception as error:  # the engine raises one class for all; whatever it says concerns this line
            raise InputError(f"OpenDSS file '{file}', line {number}: {_one_line(error)}") from None
    if engine.Basic.NumCircuits() == 0:
        raise InputError(f"OpenDSS file '{path}' defines no circuit. Give the master file, the one with 'New Circuit'.")
    return engine


def _follow_folder(engine: Any, file: Path) -> None:
    """Files named in a script are relative to the folder of the script."""
    if engine.Basic.NumCircuits() and Path(engine.Basic.DataPath()) != file.parent:
        engine.Basic.DataPath(str(file.parent))


def _commands(path: Path, depth: int) -> Iterator[tuple[Path, int, str]]:
    """Definition commands of a file and of all it redirects to, with their places."""
    if depth > LARGEST_DEPTH:
        raise InputError(f"OpenDSS file '{path}' redirects to itself. Remove the loop.")
    in_comment = False
    for number, raw in enumerate(_text(path).splitlines(), start=1):
        line, in_comment = _without_comment(raw, in_comment)
        word = re.split(r"[\s=]", line, maxsplit=1)[0].lower()
        if not line or _is_left_out(word):
            continue
        if len(word) >= 4 and ("redirect".startswith(word) or "compile".startswith(word)):
            yield from _commands(_target(path, number, line), depth + 1)
        else:
            yield path, number, line


def _is_left_out(word: str) -> bool:
    return len(word) >= 4 and any(command.startswith(word) for command in NOT_A_DEFINITION)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", errors="replace")
    except OSError as error:
        raise InputError(f"OpenDSS file '{path}' cannot be read ({error.strerror}). Check the path and its permissions.") from None


def _without_comment(raw: str, in_comment: bool) -> tuple[str, bool]:
    """The line without ! and // comments; /* */ comments cover whole lines, as in the engine."""
    line = raw.strip()
    if in_comment or line.startswith("/*"):
        return "", "*/" not in line
    return re.split(r"!|(?<!:)//", line, maxsplit=1)[0].strip(), False


def _target(path: Path, number: int, line: str) -> Path:
    """File that a redirect names; case is ignored where it must be, as on the system most files were written on."""
    argument = re.split(r"[\s=]", line, maxsplit=1)[1:]
    name = (argument[0] if argument else "").strip().strip("\"'()[]{}").replace("\\", "/")
    name = re.sub(r"^file\s*=\s*", "", name, flags=re.IGNORECASE).strip("\"'()[]{}")
    target = path.parent / name
    if not target.is_file() and target.parent.is_dir():
        twins = [other for other in target.parent.iterdir() if other.name.lower() == target.name.lower()]
        target = twins[0] if twins else target
    if not name or not target.is_file():
        raise InputError(f"OpenDSS file '{path}', line {number}: redirects to '{name}', which does not exist.")
    return target


def _one_line(error: Exception) -> str:
    text = str(error.args[-1] if error.args else error)
    return " ".join(text.split())
