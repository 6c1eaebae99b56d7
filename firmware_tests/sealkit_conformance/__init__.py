"""The conformance suite: what any maker's seal must do, on a bench or in the simulator."""

from typing import Final

SUITE_VERSION: Final = "1.0.0"
"""Changes with the cases; a report names it."""
