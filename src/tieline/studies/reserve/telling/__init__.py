"""What is told of a run: metrics, tables, remarks."""
