"""The page of finding codes: for each what it means, who says it and what to do, in the words of the program."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from docs_site.finding_codes import FindingKind
from docs_site.source_texts import OR
from tieline.feeders.checks.common import KINDS

INTRODUCTION = """# Findings and their codes

When tieline reads or checks a feeder, a table of series or a file of another program, it says what it finds. Each finding
has a code that does not change from version to version, so that a script can look for it. `tieline feeders notes FEEDER` prints
all of a feeder's, with the names of all elements; `tieline explain CODE` says what this page says of a code.

| severity | what happens |
| --- | --- |
| **error** | The feeder is not used. All errors are reported together. |
| **warning** | The feeder is used. Something was approximated or looks odd; every result made from it says so. |
| **info** | The feeder is used. Something was left out that changes no power flow. |

Texts below are those of the program. `<...>` stands for what it fills in. In a code `<KIND>` is a kind of element: LOAD, LINE,
TRANSFORMER, PV and so on; other words in such brackets are filled in as well.

"""

SECTIONS = {
    "COMPOSE": "Feeders that are joined",
    "EQUIVALENT": "The balanced equivalent",
    "ISLAND": "Islands",
    "MATPOWER": "MATPOWER cases",
    "OPENDSS": "OpenDSS files",
    "PANDAPOWER": "pandapower nets",
    "POWER_GRID_MODEL": "power-grid-model data sets",
    "SERIES": "Tables of series",
    "TABLE": "Feeder tables",
}
"""Headings of what is said of files; all else is said of elements."""

KIND = "<KIND>"

ELEMENTS = "Elements of a feeder, whatever file they come from"


def anchor(code: str) -> str:
    """Where a code stands on the page: LOAD.KV_MISMATCH is `finding-load-kv-mismatch`."""
    words = code.lower().replace("<", "").replace(">", "")
    return "finding-" + "".join(letter if letter.isalnum() else "-" for letter in words)


def finding_pages(kinds: Mapping[str, list[FindingKind]]) -> dict[str, str]:
    """Text by path: the one page, of the kinds of each code."""
    ordered = sorted(kinds, key=lambda code: (_heading(code), code))
    parts = [INTRODUCTION]
    for heading, codes in groupby(ordered, key=_heading):
        parts.append(f"## {heading}\n\n")
        parts += [_entry(code, kinds[code], codes_of(code, kinds)) for code in codes]
    return {"findings.md": "".join(parts)}


def _heading(code: str) -> str:
    return SECTIONS.get(code.partition(".")[0], ELEMENTS)


def codes_of(code: str, kinds: Mapping[str, object]) -> list[str]:
    """The codes of all kinds of elements that one with <KIND> stands for, but those that have an entry of their own."""
    if not code.startswith(KIND):
        return []
    words = [kind.upper().replace(" ", "_") for kind in KINDS.values()]
    codes = [code.replace(KIND, word) for word in words]
    return [each for each in codes if each not in kinds]


def _entry(code: str, kinds: list[FindingKind], codes: list[str]) -> str:
    """No heading: hundreds of them would stand in the table of contents of every page."""
    severities = " or ".join(dict.fromkeys(kind.severity for kind in kinds))
    lines = [f"({anchor(each)})=" for each in (code, *codes)]
    lines += [f"**`{code}`** · {severities}", ""]
    if codes:
        lines += [
            f"With the kind of element in its place: {', '.join(f'`{each}`' for each in codes)}.",
            "",
        ]
    for kind in kinds:
        lines += [f"- {_sentence(kind.message)}"]
        if kind.remedy:
            lines += [f"  *What to do:* {_sentence(kind.remedy)}"]
    purpose = kinds[0].purpose
    lines += ["", f"Said by `{kinds[0].module}`: {_escaped(purpose)}", "", ""]
    return "\n".join(lines)


def _sentence(text: str) -> str:
    """A text of the program, one of several if it chooses between some."""
    texts = [_escaped(" ".join(part.split())) for part in text.split(OR)]
    texts = [part[:1].upper() + part[1:] for part in texts]
    return ", or: ".join(texts)


def _escaped(text: str) -> str:
    """What Markdown would take for markup."""
    for letter in "\\*_[]|<>`":
        text = text.replace(letter, f"\\{letter}")
    return text
