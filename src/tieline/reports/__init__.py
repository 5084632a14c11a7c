"""Answers for people: one-line diagrams, figures and tables, put together into a self-contained HTML report."""
