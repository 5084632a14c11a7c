"""The decision of flexible loads: how much each curtails now, and how much it puts off to the hours after, to lose less in lines.

`task` is the corrected task `dso33`, `as_published` the same with the flaws of its publication, for comparison with its figures.
"""
