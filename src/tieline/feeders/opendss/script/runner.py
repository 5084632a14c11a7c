"""`ScriptRunner`: feeds the lines of a script to the engine, after a look at each.

A line is run as it stands, run with a part left out, left out, or refused; the tables of that stand in `commands.py` and
`properties.py`. Lines that define an element of a class without any dangerous property, which are nearly all lines of a
feeder, go through without being taken apart.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tieline.errors import InputError
from tieline.feeders.opendss.circuit import Report
from tieline.feeders.opendss.script import (
    commands,
    named_files,
    properties,
)
from tieline.feeders.opendss.script.line_check import LineCheck
from tieline.feeders.opendss.script.place import Place
from tieline.feeders.opendss.script.rejected import forgive
from tieline.feeders.opendss.script.sender import LineSender, input_error
from tieline.feeders.opendss.script.targets import Targets
from tieline.feeders.opendss.script.text import read_lines_of
from tieline.feeders.opendss.script.vocabulary import Vocabulary
from tieline.feeders.opendss.script.words import (
    Parameter,
    Variables,
    folded,
    split_line,
)

PLAIN_OBJECT = re.compile(
    r"[ \t]*new[ \t]+(?:object=)?[\"'(\[{]?(\w+)\.", re.IGNORECASE
)
CONTINUATION = re.compile(r"[ \t]*(?:~|more|m)[ \t]", re.IGNORECASE)
NEEDS_A_LOOK = re.compile(
    r"""@|file|[("'\[{](?<=[=, \t].)[ \t]*["'(\[{]?[ds]\w*["')\]}]?[ \t]*=""",
    re.IGNORECASE,
)
"""A variable may stand for anything; an array of any class may lie in a file: `(file=...)`, `(dblfile=...)`, `[s=...]`."""

SNAPSHOT = "s"
"""No other mode of the engine begins like this one; it looks at no more of the word."""

ASSIGNED = re.compile(r"[^\s,=\"'()\[\]{}!/]+")
"""What may stand before the sign of `class.name.property=value`."""


@dataclass
class ScriptRunner:
    """Runs scripts in an engine context.

    `note` is told each line before it is run. `folder` is where files are looked up now. `kind` is the class of the last line,
    None where only the engine knows it.
    """

    engine: Any
    engine_error: type[Exception]
    vocabulary: Vocabulary
    report: Report
    note: Callable[[Place], None] | None = None
    folder: Path = Path()
    kind: str | None = None
    variables: Variables = field(default_factory=Variables)
    _files: list[Path] = field(default_factory=list)
    _plain: dict[str, bool] = field(default_factory=dict)
    _solved_at: Place | None = None

    @cached_property
    def _sender(self) -> LineSender:
        return LineSender(self.engine, self.engine_error, self.vocabulary, self.report)

    @cached_property
    def _targets(self) -> Targets:
        return Targets(self.engine, self.vocabulary)

    def run_file(self, path: Path) -> None:
        """Run a file and all it redirects to; raises `InputError` for a line that the engine rejects."""
        if path in self._files:
            raise InputError(
                f"OpenDSS file '{path}' redirects to itself. Remove the loop."
            )
        self._files.append(path)
        self.folder = path.parent
        in_comment = False
        for number, line in enumerate(read_lines_of(path), start=1):
            in_comment = in_comment or line.startswith("/*")
            if in_comment:
                in_comment = "*/" not in line  # whole lines, as in the engine
            elif line:
                self._run_line(Place(path, number), line)
        self._files.pop()

    def _run_line(self, place: Place, line: str) -> None:
        if self.note is not None:
            self.note(place)
        kind = self._plain_kind(line)
        if kind and not NEEDS_A_LOOK.search(line):
            self.kind = kind
            self._note_earlier_solve(place)
            self._send(place, line)
        else:
            self._look(place, line)

    def _plain_kind(self, line: str) -> str | None:
        """Class of the element that a line is about, if it is one without dangerous properties."""
        kind = None
        if named := PLAIN_OBJECT.match(line):
            kind = folded(named[1])
        elif CONTINUATION.match(line):
            kind = self.kind
        if kind is None:
            return None
        if kind not in self._plain:
            self._plain[kind] = properties.is_plain(self.vocabulary, kind)
        return kind if self._plain[kind] else None

    def _look(self, place: Place, line: str) -> None:
        """Take a line apart and do with it what its command asks for."""
        parameters = [
            self.variables.replaced(parameter) for parameter in split_line(line)
        ]
        if not parameters:
            return
        first, *following = parameters
        if first.name:
            self._assign(place, line, first, following)
            self.kind = None
            return
        command = self.vocabulary.commands.name(
            self.vocabulary.commands.index(first.value)
        )
        handler = self._handlers().get(command, self._other)
        handler(place, line, command or first.value, following)
        if handler != self._define:
            self.kind = None

    def _handlers(
        self,
    ) -> dict[str, Callable[[Place, str, str, list[Parameter]], None]]:
        return {
            **dict.fromkeys(("new", "edit", "batchedit"), self._define),
            **dict.fromkeys(("more", "m", "~"), self._continue),
            **dict.fromkeys(("set", "solve"), self._set),
            **dict.fromkeys(("redirect", "compile"), self._redirect),
            **dict.fromkeys(("buscoords", "latlongcoords"), self._coordinates),
            "cd": self._change_folder,
            "var": self._variable,
            **dict.fromkeys(("clear", "clearall"), self._clear),
        }

    def _other(
        self, place: Place, line: str, command: str, parameters: list[Parameter]
    ) -> None:
        if command in ("enable", "disable") and parameters:
            self._note_missing(place, command, parameters[0].value)
        if command in commands.SOLVES:
            self._solved_at = place
        if command in commands.ACTS:
            return
        if command in commands.DEFINES:
            self._note_earlier_solve(place, changes=command in commands.SWITCHES)
            self._send(place, line)
            self._note_bus_of_base(place, command)
            return
        what = commands.REFUSED.get(command, "is no command that defines a feeder")
        self.report.error(
            "COMMAND", str(place), f"'{command}' {what}.", commands.REMEDY_BY_COMMAND
        )

    # Elements

    def _define(
        self, place: Place, line: str, command: str, parameters: list[Parameter]
    ) -> None:
        """`new`, `edit`, `batchedit`: class.name and its properties."""
        if command != "new" and parameters:
            self._note_missing(place, command, parameters[0].value)
        kind = folded(parameters[0].value.partition(".")[0]) if parameters else ""
        if "@" in kind:
            what = "A variable stands for the class."
            self.report.error("VARIABLE", str(place), what, "Write the class out.")
            return
        self.kind = kind
        self._send_checked(
            place,
            line,
            self._classes_of("vsource" if kind == "circuit" else kind),
            parameters[1:],
        )
        if kind == "circuit":
            # a new one makes its source active, an edit of one changes nothing
            self.kind = None

    def _note_missing(self, place: Place, command: str, target: str) -> None:
        """Warn of a line about an element that is not there: the engine says nothing and changes nothing."""
        missing = self._targets.missing(command, target)
        if missing is not None:
            what = f"'{command} {target}' changes nothing. {missing}"
            self.report.warning(
                "NO_SUCH_ELEMENT", str(place), what, "Correct the name."
            )

    def _note_bus_of_base(self, place: Place, command: str) -> None:
        """Warn of a base for a bus that is not there, which the engine tells as the result of the command."""
        if command != "setkvbase":
            return
        answer = self.engine.Text.Result().strip()
        if "not found" in answer:
            what = f"'setkvbase' changes nothing: {answer}"
            self.report.warning(
                "NO_SUCH_ELEMENT", str(place), what, "Correct the name."
            )

    def _continue(
        self, place: Place, line: str, command: str, parameters: list[Parameter]
    ) -> None:
        """`~`, `more`: further properties of the element before."""
        del command
        # after a `select`, for example, only the engine knows which element is meant
        kind = self.kind or str(self.engine.ActiveClass.ActiveClassName()).lower()
        self._send_checked(place, line, (kind,), parameters)

    def _assign(
        self, place: Place, line: str, first: Parameter, following: list[Parameter]
    ) -> None:
        """`class.name.property=value`. Without the class only the engine knows it, so every class is looked at."""
        # the engine puts both into a new line, where they would be cut again
        if not ASSIGNED.fullmatch(first.name) or '"' in first.value:
            self.report.error(
                "QUOTES",
                str(place),
                "A name or value holds signs that separate parameters.",
                "Use the command 'edit'.",
            )
            return
        owner, _, name = folded(first.name).rpartition(".")
        kind = owner.partition(".")[0] if "." in owner else ""
        head = dataclasses.replace(first, name=name)
        parameters = [head, *following]
        self._send_checked(place, line, self._classes_of(kind), parameters, head=head)

    def _classes_of(self, kind: str) -> tuple[str, ...]:
        """The class, or every class for a word that may be a class to the engine and is none in the vocabulary."""
        return (kind,) if kind in self.vocabulary.classes else self.vocabulary.classes

    def _send_checked(
        self,
        place: Place,
        line: str,
        kinds: Iterable[str],
        parameters: list[Parameter],
        *,
        head: Parameter | None = None,
    ) -> None:
        self._note_earlier_solve(place)
        check = LineCheck(place, self.folder, self.vocabulary, self.report, head)
        check.check(kinds, parameters)
        if check.is_refused:
            return
        if check.names_a_file:
            self._set_data_folder()
        self._send(place, check.edited(line))

    # Files and folders

    def _redirect(
        self, place: Place, line: str, command: str, parameters: list[Parameter]
    ) -> None:
        """Run another file; after `compile` its folder stays the one in which files are looked up, as in the engine."""
        del line
        if not parameters:
            return
        name = parameters[0].value
        folder = self.folder
        # as the engine, which cuts the text: "link/.." is the folder of the link
        plain_name = os.path.normpath(name.strip().replace("\\", "/"))
        script = named_files.find_file(folder, plain_name, suffix=".dss")
        if script is None:
            what = f"redirects to '{name}', which does not exist or is no plain file"
            raise input_error(place, f"{what}. Put it into {folder}.")
        path = Path(os.path.normpath(script))
        try:
            self.run_file(path)
        except RecursionError:
            raise input_error(
                place, "files that redirect to files go too deep"
            ) from None
        self.folder = path.parent if command == "compile" else folder

    def _change_folder(
        self, place: Place, line: str, command: str, parameters: list[Parameter]
    ) -> None:
        del line, command
        name = parameters[0].value if parameters else "."
        path = named_files.find_folder(self.folder, name)
        if path is None:
            raise input_error(
                place, f"goes to the folder '{name}', which does not exist"
            )
        self.folder = path

    def _coordinates(
        self, place: Place, line: str, command: str, parameters: list[Parameter]
    ) -> None:
        name = parameters[0].value if parameters else ""
        path = named_files.find_file(self.folder, name)
        if path is None:
            what = f"The file of coordinates '{name}' is missing; the drawing is laid out without it."
            self.report.warning("COORDINATES_MISSING", str(place), what)
            return
        self._set_data_folder()
        spelled = named_files.respelled(name, name, path, self.folder)
        self._send(place, f'{command} "{spelled}"' if spelled != name else line)

    def _set_data_folder(self) -> None:
        """Let the engine look files up where the script looks."""
        if Path(self.engine.Basic.DataPath()) != self.folder:
            self.engine.Basic.DataPath(str(self.folder))

    # Options and variables

    def _set(
        self, place: Place, line: str, command: str, parameters: list[Parameter]
    ) -> None:
        """Options that say what the circuit is; those in a `solve` hold from there on, as in the engine."""
        if command == "solve":
            self._solved_at = place
        options = []
        for name, parameter in properties.settings(self.vocabulary.options, parameters):
            if name == "datapath":
                self.folder = (
                    named_files.find_folder(self.folder, parameter.value) or self.folder
                )
            elif name == "mode":
                self._note_mode(place, parameter.value)
            # a word that is no option goes to the engine, whose message says so
            elif name in commands.OPTIONS or not name:
                value = line[parameter.start : parameter.end]
                options.append(f"{name or parameter.name}={value}")
        # an engine without a circuit has nothing to solve, and takes no options of a solve
        if options and (command == "set" or self.engine.Basic.NumCircuits()):
            self._send(place, "set " + " ".join(options))

    def _note_mode(self, place: Place, mode: str) -> None:
        """How to solve over time or frequency is no part of the circuit; the engine is not told, as a mode resets controls."""
        if not mode.lower().startswith(SNAPSHOT):
            self.report.warning(
                "MODE", str(place), f"Its mode is {mode}; what is read is the snapshot."
            )

    def _variable(
        self, place: Place, line: str, command: str, parameters: list[Parameter]
    ) -> None:
        del command
        for parameter in itertools.takewhile(
            lambda parameter: parameter.name, parameters
        ):
            self.variables.add(parameter.name, parameter.value)
        self._send(place, line)

    def _clear(
        self, place: Place, line: str, command: str, parameters: list[Parameter]
    ) -> None:
        del line, command, parameters
        self.variables = Variables()
        # names are those of the circuit before
        self._sender.forget()
        self._targets = Targets(self.engine, self.vocabulary)
        self._send(place, "clear")

    # The engine

    def _note_earlier_solve(self, place: Place, *, changes: bool | None = None) -> None:
        """A solution in the middle of a definition moves taps and switches, and the file goes on from there."""
        if self._solved_at is None:
            return
        if changes is None:
            changes = not forgive(self.kind or "")
        if changes:
            what = f"OpenDSS solves here and the circuit is changed after it ({place}); what the solution moves is left out."
            remedy = "If later lines rely on it, state taps and switches in the file."
            self.report.warning("SOLVE_LEFT_OUT", str(self._solved_at), what, remedy)
            self._solved_at = None

    def _send(self, place: Place, line: str) -> None:
        """Give a line to the engine; what follows one that was left out is about nothing known."""
        if not self._sender.send(place, line, self.kind):
            self.kind = None
