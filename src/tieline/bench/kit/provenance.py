"""Where a measurement comes from: the command that makes it again, the machine, the versions; and the head of its page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import tieline


@dataclass(frozen=True)
class Provenance:
    """What a reader must know to measure the same.

    Attributes:
        machine: in one line.
        versions: of tieline and of the packages that matter, by name.
        command: what a reader types.
    """

    machine: str
    versions: dict[str, str]
    command: str


def package_versions(packages: Iterable[str]) -> dict[str, str]:
    """Installed version of tieline and of packages, "not installed" for one that is missing."""
    return {"tieline": tieline.__version__} | {
        name: _version(name) for name in packages
    }


def head(heading: str, intro: str, provenance: Provenance) -> str:
    """The beginning of a page, in Markdown.

    Args:
        heading: title of the page.
        intro: what is measured.
        provenance: where it comes from.
    """
    versions = ", ".join(
        f"{name} {number}" for name, number in provenance.versions.items()
    )
    parts = [
        f"# {heading}",
        f"{intro} Written by the command",
        f"```bash\n{provenance.command}\n```",
        f"Machine: {provenance.machine}. {versions}.",
    ]
    return "\n\n".join(parts)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
