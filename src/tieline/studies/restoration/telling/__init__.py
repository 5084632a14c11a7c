"""What a run says: tables, metrics, remarks, and the sections of its page."""
