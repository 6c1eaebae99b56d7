"""The seal watching the taximeter (chapter 11): a file for each kind of check."""
