"""What a run says: metrics, tables, remarks, the sections of its report."""
