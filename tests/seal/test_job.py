"""Job files that nobody can mean are refused, whatever the parser or the decimals make of them."""

from __future__ import annotations

import pytest

from sealkit.errors import UsageError
from sealkit.seal.job import TEMPLATE, calibration_of_job, read_job

JOB = TEMPLATE[TEMPLATE.index("[calibration]") :]


def calibrate(text: str) -> bytes:
    return calibration_of_job(read_job(text.encode()), now=1_795_000_000, salt=bytes)


def test_the_template_is_a_calibration() -> None:
    assert calibrate(JOB)


@pytest.mark.parametrize(
    "odometer",
    ["-1", "nan", "inf", "1e999999999", "4294967297", "0.00001", "true", '"0"'],
)
def test_numbers_that_no_odometer_has(odometer: str) -> None:
    with pytest.raises(UsageError) as refused:
        calibrate(JOB.replace("odometer_before_km = 0", f"odometer_before_km = {odometer}"))
    assert refused.value.code == "JOB_MALFORMED"


@pytest.mark.parametrize("text", ["a = " + "9" * 5_000, "a = " + "[" * 20_000, "\0", "[tyres]"])
def test_what_is_no_job(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_job(text.encode())
    assert refused.value.code == "JOB_MALFORMED"
