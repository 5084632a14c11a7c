"""Feeder files of others: which can be read, why others cannot, and how far the answers are from the engines of their formats."""
