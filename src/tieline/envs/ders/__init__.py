"""The decision of twelve DERs of three kinds, an agent each: P and Q of batteries, PV inverters and flexible loads of one feeder.

`task` is the corrected task `ders141`, `as_published` the same with the flaws of its publication, to compare figures.
"""
