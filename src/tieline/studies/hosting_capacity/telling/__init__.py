"""Telling: tables and metrics of the answer, what a reader must know beside it, the sections of the report."""
