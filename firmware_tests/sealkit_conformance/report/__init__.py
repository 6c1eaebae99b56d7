"""What a run found: clause by clause, as JSON and as one HTML page."""
