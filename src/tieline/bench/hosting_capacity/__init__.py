"""Wall time of whole hosting-capacity studies, and how often their 95 % interval holds."""
