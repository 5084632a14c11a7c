"""What a power flow is told in: a headline, numbers, tables, remarks, sections of the report."""
