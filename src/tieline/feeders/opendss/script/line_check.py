"""`LineCheck`: what a line sets is refused, run as it stands, or run with a part left out or spelled otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tieline.feeders.opendss.circuit import Report
from tieline.feeders.opendss.script import named_files, properties
from tieline.feeders.opendss.script.place import Place
from tieline.feeders.opendss.script.rejected import forgive
from tieline.feeders.opendss.script.vocabulary import Vocabulary
from tieline.feeders.opendss.script.words import Parameter

REMEDY = "A feeder file is data: remove the property and use a model that OpenDSS has built in."

Edit = tuple[int, int, str]
"""Put a text in place of what stands from one place of a line to another."""


@dataclass
class LineCheck:
    """The check of one line.

    `folder` is where its files are looked up. `head` is the parameter that also names the element, as in
    `class.name.property=value`. Afterwards `is_refused` and `names_a_file` say what was found, and `edited` gives the line that
    may be run.
    """

    place: Place
    folder: Path
    vocabulary: Vocabulary
    report: Report
    head: Parameter | None = None
    is_refused: bool = False
    names_a_file: bool = False
    _edits: set[Edit] = field(default_factory=set)

    def check(self, kinds: Iterable[str], parameters: list[Parameter]) -> None:
        """Look at parameters that go to an element of one of these classes."""
        kinds = tuple(kinds)
        for kind in kinds:
            words = self.vocabulary.properties(kind)
            followers = [*parameters[1:], None]
            named = properties.settings(words, parameters)
            # of no parameter at all there is no follower either
            for (name, parameter), follower in zip(named, followers, strict=False):
                if self.is_refused:
                    return
                if properties.acts(kind, name, parameter.value):
                    self._settle_action(kinds, parameter, follower)
                else:
                    self._check_setting(kind, name, parameter)

    def edited(self, line: str) -> str:
        """The line with its parts left out or spelled otherwise."""
        # from the end, so that places further in front stay what they are
        for start, end, text in sorted(self._edits, reverse=True):
            line = line[:start] + text + line[end:]
        return line

    def _check_setting(self, kind: str, name: str, parameter: Parameter) -> None:
        if properties.loads_code(name):
            self._refuse(
                "NATIVE_CODE",
                f"'{name}' of a {kind} would load a program library.",
                REMEDY,
            )
        elif properties.writes_trace(name, parameter.value):
            what = "'debugtrace' would write a file at every solution; left out."
            self._leave_out(
                "TRACE_DROPPED", what, (parameter.start, parameter.end, "no")
            )
        elif properties.is_no_pv_model(kind, name, parameter.value):
            what = f"'model={parameter.value}' of a PV system is none of OpenDSS' models; it counts as 1, constant power."
            self._leave_out("PV_MODEL", what, (parameter.start, parameter.end, "1"))
        else:
            self._settle_file(kind, name, parameter)

    def _settle_action(
        self, kinds: tuple[str, ...], action: Parameter, follower: Parameter | None
    ) -> None:
        """Cut an action out of its line, where nothing but the action goes with it."""
        kind = kinds[0]
        what = f"'action={action.value}' of a {kind}"
        # of another class the same word may open a switch
        is_clear = len(kinds) == 1 and not properties.changes_circuit(
            kind, action.value
        )
        if not is_clear or not self._can_cut(action, follower):
            self._refuse(
                "ACTION", f"{what} would act, and may write a file.", "Remove it."
            )
            return
        # with the comma behind it: two in a row would end the line
        end = action.end if follower is None else follower.begin
        self._edits.add((action.begin, end, ""))
        text = f"{what} acts on results and defines nothing; left out."
        self.report.info("ACTION_DROPPED", str(self.place), text)

    def _can_cut(self, parameter: Parameter, follower: Parameter | None) -> bool:
        """Whether all others keep their meaning: a bare value would go to another property, what follows a head to no element."""
        is_last = follower is None
        if parameter is self.head:
            return is_last
        return bool(parameter.name) and (is_last or bool(follower.name))

    def _settle_file(self, kind: str, name: str, parameter: Parameter) -> None:
        """Find the file that a property is read from."""
        is_name = name in properties.NAMES_A_FILE
        file = (
            parameter.value if is_name else named_files.file_in_array(parameter.value)
        )
        if file is None:
            return
        self.names_a_file = True
        path = named_files.find_file(self.folder, file)
        if path is not None:
            self._respell(parameter, file, path)
        elif parameter.name and forgive(kind):
            what = f"The file '{file}' is missing or no plain file; left out."
            self._leave_out("FILE_MISSING", what, (parameter.begin, parameter.end, ""))
        else:
            what = f"The file '{file}' of a {kind} is missing or no plain file."
            self._refuse("FILE_MISSING", what, f"Put it into {self.folder}.")

    def _respell(self, parameter: Parameter, file: str, path: Path) -> None:
        spelled = named_files.respelled(parameter.value, file, path, self.folder)
        if spelled != parameter.value:
            self._edits.add((parameter.start, parameter.end, f"({spelled})"))

    def _refuse(self, code: str, what: str, remedy: str) -> None:
        self.is_refused = True
        self.report.error(code, str(self.place), what, remedy)

    def _leave_out(self, code: str, what: str, edit: Edit) -> None:
        if edit not in self._edits:  # several classes may have the property
            self.report.warning(code, str(self.place), what)
            self._edits.add(edit)
