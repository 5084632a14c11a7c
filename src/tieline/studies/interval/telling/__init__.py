"""What is told of bounds and draws: metrics, tables, remarks."""
