"""Which file system a folder is on, as /proc/self/mountinfo says; the lines here are those of real systems, shortened."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline.service.store.disks import network_kind

MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 22 0:35 / {folder}/share rw,relatime shared:20 - nfs4 server:/export rw,vers=4.2
41 40 8:1 / {folder}/share/local rw,relatime - xfs /dev/sda1 rw
42 22 0:36 / {folder}/with\\040blank rw,relatime master:3 propagate_from:2 - fuse.sshfs host:/ rw
43 22 0:37 / {folder}/twice rw - cifs //server/share rw
44 43 8:2 / {folder}/twice rw - ext4 /dev/sdb rw
"""


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("plain", None),
        ("share", "nfs4"),
        ("share/deep/below", "nfs4"),
        ("share/local", None),
        ("shared", None),
        ("with blank", "fuse.sshfs"),
        ("twice", None),
    ],
)
def test_kind_of_a_folder(tmp_path: Path, name: str, kind: str | None):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS.format(folder=tmp_path))
    (tmp_path / name).mkdir(parents=True)
    assert network_kind(tmp_path / name, mounts) == kind


def test_nothing_can_be_told_without_the_list(tmp_path: Path):
    assert network_kind(tmp_path, tmp_path / "none") is None
