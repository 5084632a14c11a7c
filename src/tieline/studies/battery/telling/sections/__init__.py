"""The parts of the battery report, a file for each thought: who is at risk, what is stored, who is asked, what it costs."""
