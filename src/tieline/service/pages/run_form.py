"""`RunForm`: the form that asks a study, made from its configuration: each setting with its sentence, unit and default.

A setting left empty takes its default. Tables within a configuration and what a caller of a service has no say in stand in no
form; files are asked for where the service was given a folder of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, get_args, get_type_hints

from pydantic.fields import FieldInfo

from tieline.counted import counted
from tieline.service.web.places import NOT_FOR_CALLERS, Places
from tieline.service.web.problems import Finding
from tieline.settings.field_kinds import (
    choices,
    default_text,
    is_number,
    is_table,
)
from tieline.settings.groups import HEADINGS, QUESTION, heading_of
from tieline.studies.catalogue import Study
from tieline.studies.config import StudyConfig

FEEDER = "feeder"

ALWAYS_OPEN = ("Feeder", QUESTION, "Draws and uncertainty")
"""Headings whose settings are seen at once; the others are unfolded."""

UNIT = re.compile(r" ?\[([^\]]+)\]")
"""Unit in the sentence of a setting; the form has it beside the value."""

OF_LIBRARY = "Name of a feeder of the library."
OF_FILES = (
    "Name of a feeder of the library, or of a file in the folder of this service."
)
"""What a caller of a service may name, in place of the paths of the command line."""

FLAG = re.compile(r"(?<![\w-])(?:--)?([a-z]+(?:-[a-z0-9]+)+|(?<=--)[a-z]+)(?![\w-])")
"""How sentences call another setting: as the command line has it, with or without its dashes."""


@dataclass(frozen=True)
class Setting:
    """A setting as the form shows it.

    Attributes:
        name: of the field.
        sentence, unit: what it means; the unit is empty for what has none.
        default: as text; empty if the study chooses.
        choices: words that it takes and nothing else; empty if it takes more.
        is_date, is_number: what a browser may help with.
        value: as it was sent; empty if it was not.
        problems: what is wrong with the value.
    """

    name: str
    sentence: str
    unit: str
    default: str
    choices: tuple[str, ...]
    is_date: bool
    is_number: bool
    value: str
    problems: tuple[str, ...]

    @property
    def label(self) -> str:
        """The name in words."""
        return in_words(self.name)


@dataclass(frozen=True)
class Group:
    """Settings under one heading."""

    heading: str
    settings: list[Setting]

    @property
    def is_open(self) -> bool:
        """Whether its settings are seen at once: the main ones, and those that were set or are wrong."""
        is_touched = any(row.value or row.problems for row in self.settings)
        return is_touched or self.heading in ALWAYS_OPEN


@dataclass(frozen=True)
class RunForm:
    """The form of a study.

    Attributes:
        study: that is asked.
        texts: values as they were sent, by field.
        places: what may be named.
        findings: what is wrong with the values.
    """

    study: Study
    texts: Mapping[str, str]
    places: Places
    findings: Sequence[Finding] = ()

    @cached_property
    def groups(self) -> list[Group]:
        """All settings, under the headings of the command line's help."""
        model = self.study.config_model
        hints = get_type_hints(model)
        by_heading: dict[str, list[Setting]] = {}
        for name in _fields(model, self.places):
            setting = self._setting(name, hints[name], model.model_fields[name])
            by_heading.setdefault(heading_of(name), []).append(setting)
        return [
            Group(heading, by_heading[heading])
            for heading in HEADINGS
            if heading in by_heading
        ]

    @property
    def feeders(self) -> tuple[str, ...]:
        """Names that a browser may offer."""
        of_islands = self.study.config_model.ASKS_ISLANDS
        return (*self.places.bundled(of_islands), *self.places.feeder_files())

    @property
    def summary(self) -> str:
        """How much is wrong."""
        return f"{counted(len(self.findings), 'finding')}: nothing was started."

    def told(self, finding: Finding) -> str:
        """A finding in one text, with settings called as the form calls them."""
        where = "" if finding.where.startswith("/") else f"{finding.where}: "
        remedy = f" {finding.remedy}" if finding.remedy else ""
        name = self.place_of(finding)
        message = finding.message
        if "_" in name:
            message = message.replace(name, f"'{in_words(name)}'")
        return f"{where}{message}{remedy}"

    def place_of(self, finding: Finding) -> str:
        """The setting that a finding is about; what a feeder's check found is about the feeder."""
        name = finding.where.rpartition("/")[2]
        if name in self._names:
            return name
        return "" if finding.where.startswith("/") else FEEDER

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(_fields(self.study.config_model, self.places))

    def _setting(self, name: str, hint: Any, info: FieldInfo) -> Setting:
        description = str(info.description)
        if name == FEEDER:
            description = OF_FILES if self.places.folder else OF_LIBRARY
        return Setting(
            name=name,
            sentence=self._sentence(description),
            unit=", ".join(UNIT.findall(description)),
            default=_shown_default(info.default),
            choices=tuple(map(str, _words(hint))),
            is_date=date in (hint, *get_args(hint)),
            is_number=is_number(hint),
            value=self.texts.get(name, ""),
            problems=self._problems(name),
        )

    def _sentence(self, description: str) -> str:
        """What a setting means, with other settings called as the form calls them."""
        return FLAG.sub(self._in_words, UNIT.sub("", description))

    def _in_words(self, match: re.Match[str]) -> str:
        """A setting in words; what only looks like one stays."""
        name = match[1].replace("-", "_")
        return f"'{in_words(name)}'" if name in self._names else match[1]

    def _problems(self, name: str) -> tuple[str, ...]:
        return tuple(
            self.told(finding)
            for finding in self.findings
            if self.place_of(finding) == name
        )


def read_values(
    study: Study, form: Mapping[str, str], places: Places
) -> dict[str, Any]:
    """Values that a form sets, by field; the model checks them."""
    hints = get_type_hints(study.config_model)
    values: dict[str, Any] = {}
    for name in _fields(study.config_model, places):
        text = form.get(name, "").strip()
        if text:
            values[name] = _value(hints[name], text)
    return values


def in_words(name: str) -> str:
    """The name of a setting in words."""
    return name.replace("_", " ")


def _fields(model: type[StudyConfig], places: Places) -> Iterator[str]:
    """Settings that a form can give."""
    hints = get_type_hints(model)
    files = (*model.INPUT_TABLES, *model.INPUT_POLICIES)
    for name in model.model_fields:
        needs_file = name in files and places.folder is None
        if name in NOT_FOR_CALLERS or needs_file or is_table(hints[name]):
            continue
        yield name


def _words(hint: Any) -> list[Any]:
    """What a setting may be and nothing else, as a person reads it."""
    if hint is bool:
        return list(YES_AND_NO.values())
    return choices(hint)


YES_AND_NO = {True: "yes", False: "no"}


def _shown_default(default: Any) -> str:
    """A default as the form shows it; empty where the study chooses."""
    if default is None:
        return ""
    if isinstance(default, bool):
        return YES_AND_NO[default]
    if isinstance(default, float):
        return f"{default:g}"
    return default_text(default)


def _value(hint: Any, text: str) -> Any:
    """The value of a text: a choice among numbers is a number; the model reads all others itself."""
    words = choices(hint)
    if words and isinstance(words[0], int) and text.isdecimal():
        return int(text)
    return text
