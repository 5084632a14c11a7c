"""Each of the two mechanisms alone keeps a process from writing; the filter of calls from programs and libraries too."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="Landlock and seccomp are of Linux"
)

ATTEMPTS = """
import ctypes, os, socket, sys
from tieline.feeders.opendss.process.landlock import forbid_writing
from tieline.feeders.opendss.process.seccomp import allow_reading_only
folder, library = sys.argv[1], sys.argv[2]
attempts = {
    "write": lambda: open(folder + "/there.txt", "w"),
    "append": lambda: open(folder + "/there.txt", "a"),
    "make": lambda: open(folder + "/new.txt", "x"),
    "cut": lambda: os.truncate(folder + "/there.txt", 0),
    "folder": lambda: os.mkdir(folder + "/new"),
    "remove": lambda: os.remove(folder + "/there.txt"),
    "rename": lambda: os.rename(folder + "/there.txt", folder + "/new.txt"),
    "link": lambda: os.symlink("there.txt", folder + "/new.txt"),
    "read": lambda: open(folder + "/there.txt").read(),
    "list": lambda: os.listdir(folder),
    "fork": lambda: os.fork() or os._exit(0),
    "run": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "socket": lambda: socket.socket(),
    "library": lambda: ctypes.CDLL(library),
}
if not (forbid_writing if sys.argv[3] == "landlock" else allow_reading_only)():
    sys.exit(77)
for name, attempt in attempts.items():
    try:
        attempt()
        print(name)
    except OSError:
        pass
"""


def allowed(tmp_path: Path, mechanism: str) -> set[str]:
    """What a process can still do under one of the mechanisms."""
    (tmp_path / "there.txt").write_text("precious")
    library = next(
        Path(sys.prefix).rglob("_multiarray_tests*.so"),
        Path("/lib/x86_64-linux-gnu/libanl.so.1"),
    )
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
    }
    command = [sys.executable, "-c", ATTEMPTS, str(tmp_path), str(library), mechanism]
    done = subprocess.run(
        command, capture_output=True, text=True, env=env, timeout=60, check=False
    )
    if done.returncode == 77:
        pytest.skip(f"this kernel has no {mechanism}")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["there.txt"]
    assert (tmp_path / "there.txt").read_text() == "precious"
    return set(done.stdout.split())


def test_landlock_alone_keeps_every_file_as_it_is(tmp_path: Path):
    assert allowed(tmp_path, "landlock") >= {"read", "list"}


@pytest.mark.skipif(
    platform.machine() not in ("x86_64", "aarch64"),
    reason="call numbers are listed for two architectures",
)
def test_seccomp_alone_lets_nothing_through_but_reading(tmp_path: Path):
    assert allowed(tmp_path, "seccomp") == {"read", "list"}
