"""What a seal has judged before it judges again: nothing that it remembers stands for it."""

from __future__ import annotations

from typing import Final

import pytest

from sealkit.wire.messages import ORDER_ANSWER
from sealkit.wire.orders import TrustBody
from sealkit.wire.registry import OrderKind, Role, Status
from sealkit_conformance import expect
from sealkit_conformance.bench.backend import Backend, Capability
from sealkit_conformance.marks import clause, needs
from sealkit_conformance.subject.people import People, Person, revoked
from sealkit_conformance.subject.seal import SealUnderTest, parsed

_SOON_S: Final = 600


def trust(seal: SealUnderTest, signer: Person, **changes: object) -> None:
    """A statement of the next version is taken from this signer."""
    statement = seal.people.statement(seal.status().trust_version + 1, **changes)
    request = seal.good(OrderKind.TRUST, body=TrustBody(statement.raw), signers=[signer])
    seal.apply(request, "K-5")


@clause("K-5", "O-10", "R43")
@pytest.mark.parametrize("role", [Role.STATION, Role.INSPECTOR])
def test_who_has_signed_before_may_be_revoked(sealed: SealUnderTest, role: Role) -> None:
    """By a statement that another brings: nobody has judged the credential since."""
    person = sealed.people.another(role)
    sealed.apply(sealed.good(OrderKind.CONFIRM, signers=[person]), "K-5")
    trust(sealed, sealed.people["technician"], revoked=(revoked(person),))
    request = sealed.good(OrderKind.CONFIRM, signers=[person])
    sealed.refuses(request, Status.CREDENTIAL_REVOKED, "K-5")


@clause("K-5", "O-10", "R42")
@needs(Capability.TIME)
def test_who_has_signed_before_may_have_expired(sealed: SealUnderTest, bench: Backend) -> None:
    not_after = sealed.status().clock + _SOON_S
    station = sealed.people.another(Role.STATION, not_after=not_after)
    sealed.apply(sealed.good(OrderKind.CONFIRM, signers=[station]), "K-5")
    bench.pass_time((_SOON_S + 5) * 1_000)
    request = sealed.good(OrderKind.CONFIRM, signers=[station])
    sealed.refuses(request, Status.CREDENTIAL_EXPIRED, "K-5")


def forgeries(people: People, genuine: Person) -> dict[str, Person]:
    """Credentials with all that names a genuine one, by somebody who has not the issuer's key."""
    held = genuine.credential
    own = people.suite.generate()
    names = {"serial": held.serial, "generation": held.generation, "name": held.name}
    return {
        "with another key": people.issue(
            people.authority, held.role, key=own, sign_with=own, **names
        ),
        "with its key": people.issue(
            people.authority, held.role, key=genuine.key, sign_with=own, **names
        ),
    }


@clause("K-5", "O-10", "R40")
@pytest.mark.parametrize("how", ["with another key", "with its key"])
def test_a_forged_twin_of_who_has_signed_before(sealed: SealUnderTest, how: str) -> None:
    """Issuer, serial number and name are those of a credential that was found good."""
    genuine = sealed.people.another(Role.STATION)
    sealed.apply(sealed.good(OrderKind.CONFIRM, signers=[genuine]), "K-5")
    twin = forgeries(sealed.people, genuine)[how]
    request = sealed.good(OrderKind.CONFIRM, signers=[twin])
    sealed.refuses(request, Status.CREDENTIAL_INVALID, "K-5")


@clause("O-3", "C-6", "R23")
def test_an_order_of_before_the_last_is_told_its_own_record(sealed: SealUnderTest) -> None:
    """Not the head as it is now."""
    first = sealed.good(OrderKind.TRUST)
    told = sealed.apply(first, "O-3")
    for kind in (OrderKind.CONFIRM, OrderKind.ADJUST_CLOCK, OrderKind.TRUST):
        sealed.take(sealed.good(kind))
    answer = expect.status("O-3", Status.ALREADY_APPLIED, sealed.order(first))
    again = parsed("C-6", ORDER_ANSWER, answer.body)
    expect.equal("O-3", told, again, "the record of an order that was applied before")
