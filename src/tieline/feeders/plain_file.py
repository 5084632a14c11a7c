"""The bytes of a feeder file, if it is a plain file of a size that a feeder can have.

A pipe would hold the reader up and a device would never end; what is far larger than any feeder would fill the memory before the
reader could say what is wrong with it.
"""

from __future__ import annotations

import os
from pathlib import Path

from tieline.errors import InputError, reason_of

MOST_BYTES = 100_000_000
"""Size of one file: 250 times the largest file of the 8500-node feeder. Reading takes about 20 times the size in memory."""


def read_plain_file(path: Path, kind: str) -> bytes:
    """Content of a file.

    Args:
        path: the file.
        kind: how messages call it, such as "MATPOWER file".

    Raises:
        InputError: if it does not exist, is no plain file, is larger than `MOST_BYTES` or cannot be read.
    """
    try:
        # asked before it is opened, because opening a pipe waits for a writer
        if os.path.exists(path) and not os.path.isfile(path):
            raise InputError(
                f"{kind} '{path}' cannot be read: it is no plain file. Check the path."
            )
        with open(path, "rb") as file:
            # the size of the open file, which nobody can exchange any more
            _check_size(path, kind, os.fstat(file.fileno()).st_size)
            return file.read()
    except FileNotFoundError:
        raise InputError(f"{kind} '{path}' does not exist. Check the path.") from None
    except OSError as error:
        message = f"{kind} '{path}' cannot be read ({reason_of(error)}). Check the path and its permissions."
        raise InputError(message) from None
    except ValueError:
        raise InputError(
            f"'{path}' is no name of a file: it holds a zero byte."
        ) from None


def _check_size(path: Path, kind: str, size: int) -> None:
    if size > MOST_BYTES:
        sizes = (
            f"it has {size / 1e6:.1f} MB, and a file may have {MOST_BYTES / 1e6:.0f} MB"
        )
        raise InputError(
            f"{kind} '{path}' is too large: {sizes}. Check that it is a feeder, or give a part of it."
        )
