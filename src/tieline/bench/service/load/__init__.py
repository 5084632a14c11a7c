"""What the service answers under load: `tieline serve` in a process of its own, and callers in another, over HTTP on one machine.

crowd         the market that is bid in, and its participants with their keys
served        the server's process: its address, its memory, its processor time
wire          connections of the callers: the least of HTTP/1.1 that a caller can do with
disk          how long an fsync takes, the least that an answer can
bidders       the callers' process: bids at planned instants, whatever the server does
bids          a run of bids, measured and held against the ledger
queued_runs   many runs in the queue at once, while bids and pages go on
"""
