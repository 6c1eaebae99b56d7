"""The OpenAPI is true: whatever is sent, nothing unexpected and nothing undocumented comes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from station.fleet import filled
from station.service.desk import Desk, running

from sealkit.station.service.app import create_app
from sealkit.station.service.context import Service
from sealkit.station.service.tokens import AccessRole

load_all_checks()
_WANTED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
_CHECKS = CHECKS.get_by_names(list(_WANTED))


@pytest.fixture(scope="module")
def desk(shared_url: str) -> Iterator[Desk]:
    with filled(shared_url, 1, 2) as ledger, running(ledger) as desk:
        yield desk


@pytest.fixture(scope="module")
def schema(desk: Desk) -> Any:
    return schemathesis.openapi.from_url(f"{desk.address}/openapi.json")


@pytest.fixture(scope="module")
def token(desk: Desk) -> str:
    return desk.token(AccessRole.STATION)


def operations() -> Iterator[tuple[str, str, GenerationMode]]:
    """Each with good input; with bad input those that take any."""
    for path, by_method in create_app(Service.__new__(Service)).openapi()["paths"].items():
        for method, operation in by_method.items():
            yield path, method, GenerationMode.POSITIVE
            if "parameters" in operation or "requestBody" in operation:
                yield path, method, GenerationMode.NEGATIVE


@pytest.mark.parametrize(("path", "method", "mode"), list(operations()))
def test_every_answer_is_documented(
    schema: Any, token: str, path: str, method: str, mode: GenerationMode
) -> None:
    operation = schema[path][method.upper()]

    @settings(
        max_examples=15,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=_CHECKS)

    ask()
