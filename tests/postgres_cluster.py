"""A PostgreSQL server of the tests' own, in a temporary folder, reached by a socket in it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

IN_MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Where an fsync takes no time: the tests wait for thousands; None if there is no such place."""

PLACES = "/usr/lib/postgresql/*/bin/initdb"


def folder_of_programs() -> Path | None:
    """Where PostgreSQL's programs are; None if they are not installed."""
    program = shutil.which("initdb")
    if program is not None:
        return Path(program).resolve().parent
    installed = sorted(Path("/").glob(PLACES.removeprefix("/")))
    return installed[-1].parent if installed else None


class Cluster:
    """A server that can be stopped and started."""

    def __init__(self, folder: Path, programs: Path):
        self.folder = folder
        self._programs = programs

    @property
    def address(self) -> str:
        """URL of its database."""
        return self.of("postgres")

    def of(self, database: str) -> str:
        """URL of one of its databases."""
        return f"postgresql://tieline@/{database}?host={self.folder}"

    def make(self) -> None:
        """Make the files of the server."""
        self._run("initdb", "-D", "data", "-U", "tieline", "-A", "trust", "-N")

    def start(self) -> None:
        """Start it; returns when it takes connections."""
        options = f"-k {self.folder} -c listen_addresses=''"
        self._run("pg_ctl", "-D", "data", "-o", options, "-l", "log", "-w", "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; "immediate" is as good as a crash: it recovers from its log."""
        self._run("pg_ctl", "-D", "data", "-m", mode, "-w", "stop")

    def configure(self, line: str) -> None:
        """Add a line to its settings, and start it anew."""
        with (self.folder / "data" / "postgresql.conf").open("a") as file:
            file.write(f"{line}\n")
        self.stop()
        self.start()

    def make_database(self, name: str) -> str:
        """A new database; returns its URL."""
        self._run("createdb", "-h", str(self.folder), "-U", "tieline", name)
        return self.of(name)

    def _run(self, program: str, *words: str) -> None:
        # PostgreSQL refuses to run as root
        user = "nobody" if os.getuid() == 0 else None
        command = [str(self._programs / program), *words]
        # the server inherits what is open, and would keep a pipe open for ever
        with (self.folder / "out").open("wb") as out:
            done = subprocess.run(
                command,
                cwd=self.folder,
                user=user,
                stdout=out,
                stderr=out,
                timeout=60,
                check=False,
            )
        if done.returncode:
            raise RuntimeError((self.folder / "out").read_text())


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A server, stopped and removed in the end; the test is skipped where PostgreSQL is not installed."""
    programs = folder_of_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (no initdb)")
    # a socket's path may have 107 bytes, and pytest's folders are for this user alone
    folder = Path(tempfile.mkdtemp(prefix="tieline-pg-", dir=IN_MEMORY))
    if os.getuid() == 0:
        os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
    cluster = Cluster(folder, programs)
    try:
        cluster.make()
        cluster.start()
        yield cluster
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            cluster.stop()
        shutil.rmtree(folder)
