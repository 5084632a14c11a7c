"""Names: unique within their kind, in lower case, not blank; one line code means one set of matrices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tieline.feeders.checks.common import KINDS, elements, error
from tieline.feeders.elements import LineCode
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding


def check_unique_names(feeder: Feeder) -> Iterator[Finding]:
    """No two elements of one kind share a name; letter case does not tell them apart."""
    for field, kind in KINDS.items():
        counts = Counter(element.name.lower() for element in getattr(feeder, field))
        for name, count in counts.items():
            if count > 1:
                message = f"{count} {field.replace('_', ' ')} are called '{name}'."
                yield error(
                    kind,
                    name,
                    "DUPLICATE_NAME",
                    message,
                    "Rename all but one; letter case does not tell names apart.",
                )


def check_name_form(feeder: Feeder) -> Iterator[Finding]:
    """Names are in lower case and begin and end with a visible character."""
    for kind, element in elements(feeder):
        if not element.name or element.name != element.name.strip().lower():
            message = f"the name '{element.name}' is blank, not in lower case, or begins or ends with a blank."
            yield error(
                kind,
                element.name,
                "NAME_FORM",
                message,
                "Give it a name in lower case.",
            )


def check_line_code_names(feeder: Feeder) -> Iterator[Finding]:
    """Lines that name the same code have the same matrices."""
    code_by_name: dict[str, LineCode] = {}
    # a code of a thousand lines is named once
    reported = set()
    for line in feeder.lines:
        if (
            code_by_name.setdefault(line.code.name, line.code) != line.code
            and line.code.name not in reported
        ):
            reported.add(line.code.name)
            message = f"two line codes called '{line.code.name}' differ."
            yield error(
                "line code",
                line.code.name,
                "DUPLICATE_NAME",
                message,
                "Rename one of them.",
            )
