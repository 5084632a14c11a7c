"""Whether a folder lies on a network file system, where SQLite's shared memory and locks do not hold.

SQLite's write-ahead log is shared between processes through memory that only one machine has ("WAL does not work over a network
filesystem", https://www.sqlite.org/wal.html), and locks of many network file systems are known to lie. Linux lists what is
mounted in /proc/self/mountinfo (proc(5)); elsewhere nothing can be told, and the answer is None.
"""

from __future__ import annotations

from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")

NETWORK_KINDS = frozenset(
    (
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "davfs",
        "fuse.ceph",
        "fuse.glusterfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "smb3",
        "smbfs",
        "virtiofs",
    )
)
"""File systems whose files another machine can change; the last is a folder of the machine that hosts a virtual one."""


def network_kind(folder: Path, mounts: Path = MOUNTS) -> str | None:
    """Kind of the network file system that a folder is on; None if it is on none, or this cannot be told.

    Args:
        folder: an existing folder.
        mounts: list of mounts, as Linux writes it.
    """
    try:
        lines = mounts.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    deepest = Path()
    kind = ""
    for line in lines:
        point = _mount_point(line)
        holds = folder.resolve().is_relative_to(point)
        # what is mounted last hides what was mounted there before
        if holds and len(point.parts) >= len(deepest.parts):
            deepest = point
            kind = _kind(line)
    return kind if kind in NETWORK_KINDS else None


def _mount_point(line: str) -> Path:
    """Fifth word of a line; a blank in it is written as an octal number."""
    word = line.split()[4]
    return Path(word.replace("\\040", " "))


def _kind(line: str) -> str:
    """The word behind the dash that ends the optional ones."""
    _, _, end = line.partition(" - ")
    return end.split()[0]
