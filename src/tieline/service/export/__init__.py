"""What a market publishes, in documents that other systems read: OpenADR 3 events, IEEE 2030.5 control lists. Export only."""
