"""What a run tells: tables of each day and decider, metrics and remarks from these tables, sections of the page."""
