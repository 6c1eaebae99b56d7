"""Parameter groups, their digests and their ranges are as the vectors say (P-1, P-2)."""

from __future__ import annotations

from typing import Any

import pytest
from support.vectors import each, load, told

from sealkit.crypto import get_suite
from sealkit.errors import RefusedError
from sealkit.rules.parameters import group_digest, judge_groups, parameter_root
from sealkit.wire.parameters import build_group, parse_group
from sealkit.wire.registry import Group, TagType
from sealkit.wire.tags import domain_tag


@pytest.mark.requirement("P-1")
@each("parameters", "groups", title="name")
def test_a_group_parses_and_builds(suite_name: str, case: dict[str, Any]) -> None:
    data, number = bytes.fromhex(case["bytes"]), case["number"]
    content = parse_group(number, data)
    assert content is not None
    assert told(content) == case["fields"]
    assert build_group(Group(number), bytes.fromhex(case["salt"]), content) == data
    assert group_digest(get_suite(suite_name), number, data).hex() == case["digest"]
    judge_groups({number: data})


@pytest.mark.requirement("P-1")
@each("parameters", "sets")
def test_the_root_of_a_set(suite_name: str, case: dict[str, Any]) -> None:
    listed = {group["digest"]: group for group in load(suite_name, "parameters")["groups"]}
    members = [(item["number"], item["digest"]) for item in case["groups"]]
    suite = get_suite(suite_name)
    if all(digest in listed for _, digest in members):
        groups = {number: bytes.fromhex(listed[digest]["bytes"]) for number, digest in members}
        assert parameter_root(suite, groups).hex() == case["root"]
    leaves = b"".join(bytes((number,)) + bytes.fromhex(digest) for number, digest in members)
    root = suite.digest(domain_tag(suite.id, TagType.PARAMETER_SET) + leaves)
    assert (root if members else bytes(32)).hex() == case["root"]


@pytest.mark.requirement("P-2")
@each("parameters", "bad")
def test_a_bad_group_is_refused(suite_name: str, case: dict[str, Any]) -> None:
    with pytest.raises(RefusedError) as refused:
        judge_groups({case["number"]: bytes.fromhex(case["bytes"])})
    assert refused.value.code.lower() == case["expect"]
