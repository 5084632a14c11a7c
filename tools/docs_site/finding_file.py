"""Write what every finding code means into the package, where `tieline explain CODE` reads it: the words of the page of codes.

    python tools/docs_site/finding_file.py

The page is made from the source of the package, which takes seconds; the command must not. A test holds the file to the source.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "src")]

from docs_site.finding_codes import FindingKind, finding_kinds  # noqa: E402
from docs_site.finding_pages import codes_of  # noqa: E402
from docs_site.source_texts import OR  # noqa: E402
from docs_site.sources import package_sources  # noqa: E402

FILE = ROOT / "src" / "tieline" / "feeders" / "finding_texts.json"


def content(kinds: Mapping[str, list[FindingKind]]) -> str:
    """The file, a line for each code: so a change of one text changes one line."""
    lines = []
    for code, ways in kinds.items():
        entry = _entry(ways, codes_of(code, kinds))
        lines.append(f"{json.dumps(code)}: {json.dumps(entry, ensure_ascii=False)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _entry(ways: list[FindingKind], codes: list[str]) -> dict[str, Any]:
    said = [
        {
            "severity": way.severity,
            "message": _texts(way.message),
            "remedy": _texts(way.remedy),
        }
        for way in ways
    ]
    return {
        "codes": codes,
        "said": said,
        "module": ways[0].module,
        "purpose": ways[0].purpose,
    }


def _texts(text: str) -> list[str]:
    """The texts that the program chooses between, each on one line; none for an empty one."""
    texts = [" ".join(part.split()) for part in text.split(OR)]
    return [part for part in texts if part]


if __name__ == "__main__":
    FILE.write_text(content(finding_kinds(package_sources())), encoding="utf-8")
    print(f"written: {FILE.relative_to(ROOT)}")
