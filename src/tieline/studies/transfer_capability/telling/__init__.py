"""What is told: metrics, tables, remarks."""
