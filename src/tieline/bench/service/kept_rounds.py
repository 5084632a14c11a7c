"""Crash rounds in a file: they take an hour and any machine will do, while the load takes ten minutes and needs an idle one.

    keep(path, records, options)       after rounds were played
    records, origin = read(path)       for a page that is put together with a load of the same version

What rounds show holds for the code that ran in them. The file names it by digest, and another version's is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from tieline.bench.kit.provenance import package_versions
from tieline.bench.service.options import Options
from tieline.bench.service.rounds import RoundRecord
from tieline.errors import InputError
from tieline.files import read_sealed, sealed, sha256_of, write_file
from tieline.machine import describe_machine

Records = Mapping[str, list[RoundRecord]]
"""Rounds by database."""

CODE = (
    "service/store",
    "service/jobs",
    "bench/service/rounds.py",
    "bench/service/processes.py",
    "bench/service/nursery.py",
    "bench/service/toy_market.py",
    "bench/service/invariants.py",
)
"""What runs in a round and looks at what it left, in tieline's own folder."""

PACKAGES = ("sqlalchemy", "alembic", "psycopg")
"""What that runs on."""


@dataclass(frozen=True)
class Origin:
    """Where rounds come from.

    Attributes:
        command: that played them.
        date: of their end, in UTC.
        machine: in one line.
        versions: of tieline and of what the database is reached by.
        code_sha256: digest of the code that ran in them.
    """

    command: str
    date: str
    machine: str
    versions: dict[str, str]
    code_sha256: str


def keep(path: Path, records: Records, options: Options) -> None:
    """Write rounds that were played.

    Args:
        path: of the file.
        records: the rounds.
        options: with which they were played.

    Raises:
        InputError: if the file cannot be written.
    """
    origin = Origin(
        command=" ".join(["tieline bench service", *options.words()]),
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=describe_machine(),
        versions=package_versions(PACKAGES),
        code_sha256=code_sha256(),
    )
    rounds = {name: [asdict(row) for row in rows] for name, rows in records.items()}
    write_file(path, sealed({"origin": asdict(origin), "rounds": rounds}))


def read(path: Path) -> tuple[Records, Origin]:
    """Rounds that were kept, and where they come from.

    Raises:
        InputError: if there is no such file, it is damaged, or its rounds were played by another version.
    """
    content = _read_file(path)
    origin = Origin(**content["origin"])
    versions = package_versions(PACKAGES)
    digest = code_sha256()
    if (origin.versions, origin.code_sha256) != (versions, digest):
        raise InputError(
            f"The rounds in '{path}' were played by another version ({_name(origin.versions, origin.code_sha256)}; this is "
            f"{_name(versions, digest)}). Play them anew with --keep-rounds."
        )
    rounds = content["rounds"].items()
    records = {name: [RoundRecord(**row) for row in rows] for name, rows in rounds}
    return records, origin


def _read_file(path: Path) -> dict[str, Any]:
    try:
        content = read_sealed(path)
    except OSError as error:
        raise InputError(
            f"Rounds in '{path}' cannot be read ({error.strerror}). Name a file of --keep-rounds."
        ) from None
    if content is None or not {"origin", "rounds"} <= content.keys():
        raise InputError(
            f"'{path}' is no file of --keep-rounds, or was changed since. Play the rounds anew."
        )
    return content


def _name(versions: Mapping[str, str], code_sha256: str) -> str:
    """A version in words."""
    packages = ", ".join(f"{name} {number}" for name, number in versions.items())
    return f"{packages}, code {code_sha256[:12]}"


def code_sha256() -> str:
    """Digest of the code that runs in rounds."""
    root = Path(__file__).parents[2]
    lines = [
        f"{path.relative_to(root).as_posix()} {sha256_of(path)}\n"
        for place in CODE
        for path in _python_files(root / place)
    ]
    return sha256("".join(lines).encode()).hexdigest()


def _python_files(place: Path) -> Iterator[Path]:
    """A file itself, or all of a folder in order."""
    if place.is_file():
        yield place
    else:
        yield from sorted(place.rglob("*.py"))
