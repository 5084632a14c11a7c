"""`LogKeeper`: a thread that brings the log of a SQLite file into the file, a little every two seconds, beside all other work.

Without it the commit that finds 10,000 pages in the log does so, and bids wait for a tenth of a second. A checkpoint of the kind
"passive" takes no lock that a writer needs (https://www.sqlite.org/c3ref/wal_checkpoint_v2.html). A PostgreSQL server has a
process of its own for this.
"""

from __future__ import annotations

import threading
from contextlib import suppress

from tieline.service.store.refusals import StoreError
from tieline.service.store.store import Store

PAUSE_S = 2.0
"""Between two checkpoints: at 200 bids a second they write a thousand pages, in a few milliseconds."""


class LogKeeper:
    """Keeps the log short: `with LogKeeper(store): ...`."""

    def __init__(self, store: Store, pause_s: float = PAUSE_S) -> None:
        self._store = store
        self._pause_s = pause_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name="tieline-log", daemon=True
        )

    def __enter__(self) -> LogKeeper:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._pause_s):
            # a full disk: the log goes on, and the next commit tells whoever is concerned
            with suppress(StoreError):
                self._store.shorten_log()
