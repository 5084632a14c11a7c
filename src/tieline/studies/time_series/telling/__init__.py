"""What a run over time says: numbers, tables, remarks and parts of its report."""
