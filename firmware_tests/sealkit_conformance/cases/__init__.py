"""The cases: pytest tests, one file for each chapter or theme of SPEC.md."""
