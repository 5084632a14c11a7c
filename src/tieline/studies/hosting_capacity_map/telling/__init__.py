"""What is told of the map: metrics, the table of buses, remarks."""
