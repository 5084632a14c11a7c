"""Learning, judged: on every task learned deciders beside doing nothing, rules and the proven optimum, under one protocol.

`contests` says for each task who plays and on which days, `measure` trains and plays, `standing` makes numbers of it.
"""
