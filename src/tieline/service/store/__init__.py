"""The database of the service: what was acknowledged is in it, whatever crashes.

    store = open_store("sqlite:///market.db")
    receipt = store.write(lambda c: ledger.place(c, ..., store.now()))     # returns when the commit is on disk
    with store.read() as c:
        book = ledger.book(c, "minute", starts_at)

Functions of the modules here take a connection first and the moment last, so that several fit into one transaction. They
return frozen dataclasses and raise the errors of `refusals`.
"""

from tieline.service.store.store import Store, open_store

__all__ = ["Store", "open_store"]
