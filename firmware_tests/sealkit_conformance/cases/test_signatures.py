"""What a signature covers, byte for byte, and what its suite hashes (S-2, S-3, T-1, T-3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from sealkit.crypto import PrivateKey, Suite
from sealkit.wire.messages import OrderRequest
from sealkit.wire.orders import ORDER, EnrolBody, TrustBody
from sealkit.wire.registry import Command, CredentialChoice, OrderKind, Role, State, Status
from sealkit_conformance import expect
from sealkit_conformance.marks import clause
from sealkit_conformance.subject.seal import SealUnderTest
from sealkit_conformance.subject.shown import look_at, same

SIGNATURE_BYTES = 64
A_BIT = 0x04


def flipped(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """The bytes with one bit of each byte changed in turn."""
    for at in range(len(raw)):
        yield at, raw[:at] + bytes((raw[at] ^ A_BIT,)) + raw[at + 1 :]


@clause("T-3", "K-5", "O-10")
def test_every_byte_of_a_signers_credential_is_signed(sealed: SealUnderTest) -> None:
    """The order names the credential as it was altered, so that its digest is no help."""
    people = sealed.people
    station = people.another(Role.STATION)
    before = look_at(sealed)
    for at, altered in flipped(station.credential.raw):
        request = sealed.good(
            OrderKind.CONFIRM,
            signers=[station],
            first_signer=people.suite.digest(altered),
            credentials=[altered],
        )
        answer = sealed.order(request)
        expect.true("T-3", answer.status != Status.OK, f"byte {at} of a credential is not signed")
    expect.equal("T-3", before.status.control_digest, sealed.status().control_digest, "the head")
    sealed.apply(sealed.good(OrderKind.CONFIRM, signers=[station]), "T-3")


@clause("T-3", "K-5", "O-10")
def test_every_byte_of_an_issuers_credential_is_signed(sealed: SealUnderTest) -> None:
    people = sealed.people
    technician, station = people["technician"], people["station"]
    for at, altered in flipped(people["registry"].credential.raw):
        sent = [technician.credential.raw, altered, station.credential.raw]
        answer = sealed.order(sealed.good(OrderKind.UNSEAL, credentials=sent))
        expect.true("T-3", answer.status != Status.OK, f"byte {at} of an issuer's credential")
    sealed.give(OrderKind.UNSEAL, clause="T-3")


@clause("T-3", "K-7", "O-31")
def test_every_byte_of_a_statement_is_signed(opened: SealUnderTest) -> None:
    before = look_at(opened)
    raw = opened.people.statement(opened.status().trust_version + 9).raw
    for at, altered in flipped(raw):
        answer = opened.order(opened.good(OrderKind.TRUST, body=TrustBody(altered)))
        expect.true("T-3", answer.status != Status.OK, f"byte {at} of a statement is not signed")
    after = look_at(opened)
    for name, held in before.held.items():
        expect.equal("T-3", held, after.held[name], f"altered statements changed {name}")
    opened.give(OrderKind.TRUST, body=TrustBody(raw), clause="T-3")


@clause("T-3", "O-20", "K-4")
def test_every_byte_of_the_authority_is_signed(factory: SealUnderTest) -> None:
    raw = factory.people.endorsed.credential.raw
    clock = factory.status().clock
    for at, altered in flipped(raw):
        answer = factory.order(factory.good(OrderKind.ENROL, body=EnrolBody(clock, altered)))
        expect.true("T-3", answer.status != Status.OK, f"byte {at} of the authority's credential")
    expect.equal("T-3", State.FACTORY, factory.state(), "the state")


@clause("T-3", "C-12")
def test_every_byte_of_the_seals_own_credential_is_signed(sealed: SealUnderTest) -> None:
    before = look_at(sealed)
    for at, altered in flipped(sealed.credential(CredentialChoice.SEAL)):
        answer = sealed.ask(Command.INSTALL_CREDENTIAL, altered)
        expect.true("T-3", answer.status != Status.OK, f"byte {at} of the seal's credential")
    same("C-12", before, look_at(sealed), "credentials that were refused changed it")


@clause("T-1", "T-3", "T-4")
def test_a_signature_of_another_object_is_none_of_an_order(sealed: SealUnderTest) -> None:
    """Signers sign what begins with a tag: without it the same bytes may mean something else."""
    people = sealed.people
    request = sealed.good(OrderKind.CONFIRM)
    unsigned = ORDER.parse(request.order).unsigned_bytes
    key = people["station"].key
    others = {
        "without its tag": unsigned[10:],
        "with a credential's tag": unsigned[:8] + b"\1" + unsigned[9:],
        "of another suite": unsigned[:7] + bytes((3 - people.suite.id,)) + unsigned[8:],
        "of a later version": unsigned[:9] + b"\2" + unsigned[10:],
        "without its body's last byte": unsigned[:-1],
        "and a byte more": unsigned + b"\0",
    }
    for what, signed in others.items():
        wrong = OrderRequest(unsigned + key.sign(signed), request.credentials)
        sealed.refuses(wrong, Status.SIGNATURE_INVALID, "T-3", counted=what == "without its tag")
    sealed.apply(request, "T-3")


# What the suite hashes.


def resigned(key: PrivateKey, message: bytes, digest: bytes) -> bytes:
    """A signature by this key over another digest than the suite's of `message`.

    From a good one the random number is worked back, and used once more.
    """
    suite = key.suite
    order = suite.largest_scalar + 1
    private = int.from_bytes(key.scalar, "big")
    good = key.sign(message)
    r, s = int.from_bytes(good[:32], "big"), int.from_bytes(good[32:], "big")
    due = int.from_bytes(suite_digest(key, message), "big")
    other = int.from_bytes(digest, "big")
    if suite.name == "sm2":
        order += 1  # its largest key is two below the order
        nonce = (s * (1 + private) + r * private) % order
        r = (other + r - due) % order
        s = pow(1 + private, -1, order) * (nonce - r * private) % order
    else:
        nonce = pow(s, -1, order) * (due + r * private) % order
        s = pow(nonce, -1, order) * (other + r * private) % order
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def suite_digest(key: PrivateKey, message: bytes) -> bytes:
    """What the suite signs of a message."""
    if key.suite.name != "sm2":
        return key.suite.digest(message)
    return key.suite.digest(signer_digest(key, b"1234567812345678") + message)


def signer_digest(key: PrivateKey, signer_id: bytes) -> bytes:
    """Z of GB/T 32918.2, 5.5, for a signer's id; P-256 has nothing like it, so any will do."""
    prime = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
    numbers = (
        prime - 3,
        0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93,
        0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
        0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
    )
    data = (8 * len(signer_id)).to_bytes(2, "big") + signer_id
    data += b"".join(number.to_bytes(32, "big") for number in numbers)
    return key.suite.digest(data + key.public_key[1:])


Digest = Callable[[PrivateKey, bytes], bytes]


def _of(suite: Suite, data: bytes) -> bytes:
    return suite.digest(data)


STRANGE: dict[str, Digest] = {
    "hashed twice": lambda key, message: _of(key.suite, suite_digest(key, message)),
    "behind the key": lambda key, message: _of(key.suite, key.public_key + message),
    "with another signer's id": lambda key, message: _of(
        key.suite, signer_digest(key, b"ALICE123@YAHOO.COM") + message
    ),
    "with no signer's id": lambda key, message: _of(key.suite, signer_digest(key, b"") + message),
    "with the id of the other suite": lambda key, message: (
        _of(key.suite, message)
        if key.suite.name == "sm2"
        else _of(key.suite, signer_digest(key, b"1234567812345678") + message)
    ),
    "that is zero": lambda key, message: bytes(32),
}


@clause("S-3", "O-13", "S-2")
@pytest.mark.parametrize("what", STRANGE)
def test_a_signature_over_another_digest(sealed: SealUnderTest, what: str) -> None:
    """SM2 hashes Z before the message, P-256 the message alone; nothing else verifies."""
    request = sealed.good(OrderKind.CONFIRM)
    unsigned = ORDER.parse(request.order).unsigned_bytes
    key = sealed.people["station"].key
    right = resigned(key, unsigned, suite_digest(key, unsigned))
    verified = sealed.suite.verify(key.public_key, unsigned, right)
    expect.true("S-3", verified, "the case itself signs wrong")
    wrong = resigned(key, unsigned, STRANGE[what](key, unsigned))
    refused = OrderRequest(unsigned + wrong, request.credentials)
    sealed.refuses(refused, Status.SIGNATURE_INVALID, "S-3")
    sealed.apply(OrderRequest(unsigned + right, request.credentials), "S-3")


@clause("S-3", "K-5")
@pytest.mark.parametrize("what", STRANGE)
def test_a_credential_signed_over_another_digest(sealed: SealUnderTest, what: str) -> None:
    people = sealed.people
    station = people.another(Role.STATION)
    unsigned = station.credential.raw[:-SIGNATURE_BYTES]
    key = people.authority.key
    raw = unsigned + resigned(key, unsigned, STRANGE[what](key, unsigned))
    digest = people.suite.digest(raw)
    request = sealed.good(
        OrderKind.CONFIRM, signers=[station], first_signer=digest, credentials=[raw]
    )
    sealed.refuses(request, Status.CREDENTIAL_INVALID, "S-3")


@clause("S-2", "O-13")
def test_numbers_of_a_signature_at_the_curves_order(sealed: SealUnderTest) -> None:
    """r and s that are the order itself, or more by it; for SM2 also r + s."""
    request = sealed.good(OrderKind.CONFIRM)
    unsigned, good = request.order[:-64], request.order[-64:]
    order = sealed.suite.largest_scalar + (2 if sealed.suite.name == "sm2" else 1)
    r, s = int.from_bytes(good[:32], "big"), int.from_bytes(good[32:], "big")
    pairs = [(order, s), (r, order), (order, order), (1, order - 1), (r, (order - r) % order)]
    pairs += [(one + order, other) for one, other in ((r, s),) if one + order < 1 << 256]
    pairs += [(r, s + order)] if s + order < 1 << 256 else []
    for one, other in pairs:
        signature = one.to_bytes(32, "big") + other.to_bytes(32, "big")
        wrong = OrderRequest(unsigned + signature, request.credentials)
        sealed.refuses(wrong, Status.SIGNATURE_INVALID, "S-2", counted=False)
    sealed.apply(request, "S-2")
