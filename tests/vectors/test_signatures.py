"""The suites judge signatures as the vectors say."""

from __future__ import annotations

from typing import Any

import pytest
from support.vectors import each

from sealkit.crypto import get_suite


@pytest.mark.requirement("S-2")
@each("signatures", "cases")
def test_a_signature_is_valid_as_told(suite_name: str, case: dict[str, Any]) -> None:
    suite = get_suite(suite_name)
    parts = (bytes.fromhex(case[name]) for name in ("public_key", "message", "signature"))
    assert suite.verify(*parts) is case["valid"]
