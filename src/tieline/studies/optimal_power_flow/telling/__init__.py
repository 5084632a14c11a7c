"""What is told of an optimum: metrics, tables, remarks."""
