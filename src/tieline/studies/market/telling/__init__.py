"""What is said of a market run: metrics, tables, remarks, the page."""
