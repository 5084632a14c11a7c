"""Runs of one study side by side: what was asked otherwise, what came out otherwise, and whether it is the same feeder.

runs            the run folders, each with a short name
differences     tables: settings, tiles, metrics, broken limits, elements of the feeder
report          these as a page; `tieline compare` prints the same sections
"""
