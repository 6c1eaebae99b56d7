"""The ledger: what a station remembers of its fleet's seals (SPEC.md 16 to 18).

One object may be used by many threads at once, and many programs may use one database.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, TypeVar

from sqlalchemy import Connection, insert, select

from sealkit.appraisal.material import Material, from_export
from sealkit.appraisal.trust import TrustBundle
from sealkit.appraisal.verdict import Verdict
from sealkit.crypto import Suite
from sealkit.errors import UsageError
from sealkit.rules.merkle import Digest
from sealkit.station.history.dossier import Dossier
from sealkit.station.history.examining import Examined, Examiner, number_told
from sealkit.station.history.findings import LedgerPolicy
from sealkit.station.history.leads import Lead, find_leads
from sealkit.station.history.visits import Visit
from sealkit.station.storage import schema
from sealkit.station.storage.acknowledging import (
    Acknowledged,
    Acknowledgement,
    draft_acknowledgement,
    keep_acknowledgement,
    read_acknowledgements,
)
from sealkit.station.storage.database import Database, directory_url
from sealkit.station.storage.dossiers import read_dossier, unknown_seal
from sealkit.station.storage.fleet import (
    FleetQuery,
    Overview,
    SealSummary,
    find_plate,
    list_seals,
    look_over,
    numbers_before,
)
from sealkit.station.storage.judgements import (
    Bench,
    Judgement,
    judge_seal,
    judge_visit,
    judgement_from,
    neighbour_numbers,
    pending,
    read_judgements,
    read_revocations,
)
from sealkit.station.storage.leaves import count_leaves, read_hashes, read_leaf
from sealkit.station.storage.lives import read_lives
from sealkit.station.storage.storing import Receipt, Store, VerdictRow
from sealkit.station.storage.trusting import last_trust, take_trust
from sealkit.station.tree.draw import Draw, draw
from sealkit.station.tree.merkle import HashReader, consistency_proof, inclusion_proof, root_at
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import Role
from sealkit.wire.witness import TREE_HEAD, TreeHead

Result = TypeVar("Result")
SECRET_BYTES: Final = 32
AGAIN_AFTER_S: Final = 86_400
"""A verdict older than this is not of now, though nothing has come since."""


class Ledger:
    """A ledger in a database. Use it in a `with`, or close it."""

    def __init__(self, url: str) -> None:
        """Opens it; an empty database becomes one as soon as it is given trust (`use_trust`).

        Errors: `UsageError` DATABASE_URL, DATABASE_NOT_A_LEDGER, DATABASE_TOO_OLD,
        DATABASE_TOO_NEW; `AccessError` DATABASE_BUSY, DATABASE_FULL, DATABASE_LOST,
        DATABASE_ACCESS, DATABASE_FAILED, which any other method may raise as well.
        """
        self.database = Database(url)
        try:
            self.database.prepare()
        except BaseException:
            self.database.close()
            raise
        self._store: Store | None = None
        self._secret = b""
        self._trust: tuple[int, TrustBundle] | None = None

    @classmethod
    def in_directory(cls, directory: str | Path) -> Ledger:
        """The ledger in a directory, an SQLite file. Errors: as opening it."""
        return cls(directory_url(directory))

    def close(self) -> None:
        """Closes its connections."""
        self.database.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # Trust.

    def use_trust(self, trust: TrustBundle, now: int) -> None:
        """Believes these from now on; the first trust makes the ledger one of its suite.

        Nothing changes if it is in use already. Errors: `UsageError` LEDGER_OTHER_SUITE,
        LEDGER_OTHER_AUTHORITY, LEDGER_TRUST_OLDER.
        """

        def write(connection: Connection) -> None:
            table = schema.ledger
            suite = connection.execute(select(table.c.suite)).scalar()
            if suite is None:
                values = {
                    "id": 1,
                    "suite": trust.suite.name,
                    "created": now,
                    "secret": secrets.token_bytes(SECRET_BYTES),
                }
                connection.execute(insert(table).values(**values))
            elif suite != trust.suite.name:
                raise UsageError(
                    "LEDGER_OTHER_SUITE",
                    f"The ledger is of the suite {suite}, the trust file of {trust.suite.name}.",
                    "Keep a ledger for each suite.",
                )
            take_trust(connection, trust, now)

        self.database.write(write)

    @property
    def trust(self) -> TrustBundle:
        """The trust in use. Errors: `UsageError` LEDGER_WITHOUT_TRUST."""
        return self._in_use()[1]

    def _in_use(self) -> tuple[int, TrustBundle]:
        known = None if self._trust is None else self._trust[0]
        newer = self.database.read(lambda connection: last_trust(connection, known))
        if newer is not None:
            self._trust = newer
        if self._trust is None:
            raise UsageError(
                "LEDGER_WITHOUT_TRUST",
                f"{self.database.name} has no trust yet, so it can take nothing.",
                "Name the trust file once with --trust.",
            )
        return self._trust

    @property
    def suite(self) -> Suite:
        """The suite of the seals in it. Errors: `UsageError` LEDGER_WITHOUT_TRUST."""
        return self.trust.suite

    @property
    def secret(self) -> bytes:
        """What the salts of places are made of, 32 bytes (SPEC.md G-3)."""
        if not self._secret:
            query = select(schema.ledger.c.secret)
            self._secret = self.database.read(lambda c: c.execute(query).scalar()) or b""
        return self._secret

    # Taking evidence.

    def ingest(self, material: Material, visit: Visit) -> Receipt:
        """Takes what a seal gave. When this returns, it is on the disk.

        Again the same evidence gives the same receipt. Without the seal's credential, one that
        came before is used. Errors: `IntegrityError` EVIDENCE_REFUSED; for an export also
        `MalformedError` EXPORT_TRUNCATED, EXPORT_ALTERED, SUITE_UNKNOWN.
        """
        return self.add([self._examined(material, visit)])[0]

    def ingest_export(self, data: bytes, visit: Visit) -> Receipt:
        """Takes an export file. Errors: as `ingest`."""
        return self.ingest(from_export(data), visit)

    def add(self, batch: Sequence[Examined]) -> list[Receipt]:
        """Takes many that were examined, in one transaction: all of them or none."""
        return self._storing().add(batch)

    def submit(
        self, material: Material, visit: Visit, policy: LedgerPolicy | None = None
    ) -> tuple[Receipt, Judgement]:
        """Takes what a seal gave and judges the seal, in one transaction.

        So the verdict's leaf follows the evidence's, whoever else writes. Evidence that is known
        already gives the last verdict again. Errors: as `ingest`.
        """
        examined, bench = self._examined(material, visit), self.bench(policy)

        def judging(connection: Connection, receipts: Sequence[Receipt]) -> list[VerdictRow]:
            return judge_visit(connection, receipts[0], bench, visit.received)

        receipts, _ = self._storing().add_judged([examined], judging)
        return receipts[0], self.judgements(examined.number, limit=1)[0]

    def _examined(self, material: Material, visit: Visit) -> Examined:
        trust = self.trust
        if material.seal_credential is None:
            known = self._credential_of(number_told(material.evidence))
            material = material._replace(seal_credential=known)
        return Examiner(trust, self.secret).examine(material, visit)

    def _storing(self) -> Store:
        if self._store is None:
            self._store = Store(self.database, self.suite)
        return self._store

    def _credential_of(self, number: SealNumber | None) -> bytes | None:
        if number is None:
            return None
        table = schema.credentials
        query = select(table.c.content).where(
            table.c.role == int(Role.SEAL),
            table.c.scope == number.maker,
            table.c.serial == number.serial,
        )
        return self.database.read(lambda connection: connection.execute(query).scalar())

    def credentials_of_stations(self) -> list[bytes]:
        """Those that stand in orders of its seals."""
        table = schema.credentials
        query = select(table.c.content).where(table.c.role == int(Role.STATION))
        return self.database.read(lambda c: [row.content for row in c.execute(query)])

    # Judging.

    def bench(self, policy: LedgerPolicy | None = None) -> Bench:
        """What seals are judged by now."""
        trust_id, trust = self._in_use()
        revocations = self.database.read(read_revocations)
        return Bench(trust, trust_id, self.secret, revocations, policy or LedgerPolicy())

    def judge(self, number: SealNumber, now: int, policy: LedgerPolicy | None = None) -> Judgement:
        """Judges all that is held about a seal, and keeps the verdict.

        Errors: `UsageError` SEAL_UNKNOWN.
        """
        bench = self.bench(policy)
        row, _ = self.database.read(lambda connection: judge_seal(connection, number, bench, now))
        return judgement_from(number, self.add_verdicts([row])[0], row)

    def appraise(self, number: SealNumber, now: int, policy: LedgerPolicy | None = None) -> Verdict:
        """The same verdict, with its layers, and kept nowhere. Errors: as `judge`."""
        bench = self.bench(policy)
        return self.database.read(lambda c: judge_seal(c, number, bench, now))[1]

    def add_verdicts(self, verdicts: Sequence[VerdictRow]) -> list[int]:
        """Keeps many verdicts in one transaction; the leaf of each."""
        return self._storing().add_verdicts(verdicts)

    def pending(self, bench: Bench, now: int) -> list[SealNumber]:
        """The seals whose last verdict is not of now, by number."""
        return self.database.read(lambda c: pending(c, bench, now, again_after_s=AGAIN_AFTER_S))

    def judgements(self, number: SealNumber, limit: int | None = None) -> list[Judgement]:
        """The verdicts on a seal, the last first; empty if it was never judged. limit: at most so
        many; None: every one."""
        return self.database.read(lambda connection: read_judgements(connection, number, limit))

    # Looking.

    def dossier(self, number: SealNumber) -> Dossier:
        """All that is held about a seal: its evidences, its chains, its life, what a bundle needs.

        Errors: `UsageError` SEAL_UNKNOWN.
        """
        suite = self.suite
        return self.database.read(lambda connection: read_dossier(connection, suite, number))

    def seals(self, query: FleetQuery | None = None) -> list[SealSummary]:
        """Seals by number, with their last verdicts."""
        return self.database.read(lambda c: list_seals(c, query or FleetQuery()))

    def seal(self, number: SealNumber) -> SealSummary:
        """A seal with its last verdict. Errors: `UsageError` SEAL_UNKNOWN."""
        found = self.seals(FleetQuery(number=number))
        if not found:
            raise unknown_seal(number)
        return found[0]

    def overview(self, now: int) -> Overview:
        """The fleet at a glance."""
        return self.database.read(lambda connection: look_over(connection, now))

    def find_plate(self, text: str) -> list[tuple[SealNumber, str]]:
        """Seals that were ever sealed to a plate that holds `text`, with the plate."""
        return self.database.read(lambda connection: find_plate(connection, text))

    def neighbours(self, number: SealNumber) -> list[SealNumber]:
        """Other seals that were ever sealed to a vehicle of this one's plates or VINs: what comes
        of this one may change what is to be said of them. Errors: `UsageError` SEAL_UNKNOWN."""
        suite = self.suite
        return self.database.read(lambda c: neighbour_numbers(c, read_dossier(c, suite, number)))

    def leads(self) -> list[Lead]:
        """What is unusual in the fleet, and proves nothing."""
        suite = self.suite
        return find_leads(self.database.read(lambda c: list(read_lives(c, suite))))

    def draw(self, seed: str, sample: int, size: int | None = None) -> Draw:
        """A random sample of the seals that came up to a size of the tree, by default all."""
        size = self.tree_size() if size is None else size
        root = self.root(size)
        numbers = self.database.read(lambda c: numbers_before(c, size))
        drawn = draw(self.suite, seed, root, numbers, sample)
        return Draw(seed, size, root, tuple(numbers), tuple(drawn))

    def draft_acknowledgement(self, number: SealNumber) -> Acknowledgement:
        """Up to where the ledger holds the seal's journal (SPEC.md O-32); kept nowhere yet.

        Errors: `UsageError` SEAL_UNKNOWN; `UndeterminedError` JOURNAL_INCOMPLETE;
        `IntegrityError` HISTORY_FORKED.
        """
        suite = self.suite
        return self.database.read(lambda c: draft_acknowledgement(c, suite, number))

    def keep_acknowledgement(self, told: Acknowledgement, now: int, submitter: str) -> None:
        """Keeps an acknowledgement that is given out. It stays true whatever comes after it."""
        self.database.write(lambda c: keep_acknowledgement(c, told, now, submitter))

    def acknowledge(self, number: SealNumber, now: int, submitter: str) -> Acknowledgement:
        """Says, and keeps, up to where the ledger holds the seal's journal. Errors: those of
        `draft_acknowledgement`."""
        told = self.draft_acknowledgement(number)
        self.keep_acknowledgement(told, now, submitter)
        return told

    def acknowledgements(self, number: SealNumber) -> list[Acknowledged]:
        """The acknowledgements that were given for a seal, the first first."""
        return self.database.read(lambda c: read_acknowledgements(c, number))

    # The tree.

    def tree_size(self) -> int:
        """How many leaves the tree has."""
        return self.database.read(count_leaves)

    def root(self, size: int) -> bytes:
        """The root that the tree had with so many leaves. Errors: `UsageError` TREE_TOO_SMALL."""
        return self._in_tree(size, lambda digest, hashes: root_at(digest, size, hashes))

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """The proof that a leaf stands in the tree of that size. Errors: as `root`."""
        if not 0 <= index < size:
            raise _too_small(size)
        return self._in_tree(
            size, lambda digest, hashes: inclusion_proof(digest, index, size, hashes)
        )

    def consistency(self, first: int, second: int) -> tuple[bytes, ...]:
        """The proof that the tree of `first` leaves begins that of `second`. Errors: as `root`."""
        if not 0 <= first <= second:
            raise _too_small(second)
        return self._in_tree(
            second, lambda digest, hashes: consistency_proof(digest, first, second, hashes)
        )

    def leaf(self, index: int) -> bytes:
        """The bytes of a leaf (SPEC.md G-2). Errors: as `root`; `IntegrityError` LEDGER_ALTERED."""
        suite, secret = self.suite, self.secret
        found = self.database.read(lambda c: read_leaf(c, suite, secret, index))
        if found is None:
            raise _too_small(index)
        return found

    def keep_tree_head(self, head: TreeHead) -> None:
        """Keeps a signed tree head that is given out."""
        statement = insert(schema.tree_heads).values(
            size=head.size, root=head.root, time=head.time, content=head.raw
        )
        self.database.write(lambda connection: connection.execute(statement) and None)

    def tree_heads(self, limit: int | None = None) -> list[TreeHead]:
        """The signed tree heads that were given out, the last first."""
        table = schema.tree_heads
        query = select(table.c.content).order_by(table.c.id.desc()).limit(limit)
        rows = self.database.read(lambda connection: connection.execute(query).all())
        return [TREE_HEAD.parse(content) for (content,) in rows]

    def _in_tree(self, size: int, work: Callable[[Digest, HashReader], Result]) -> Result:
        digest = self.suite.digest
        try:
            return self.database.read(lambda c: work(digest, partial(read_hashes, c)))
        except LookupError:
            raise _too_small(size) from None


def _too_small(size: int) -> UsageError:
    return UsageError(
        "TREE_TOO_SMALL",
        f"The ledger's tree has no such place or size: {size}.",
        "Ask for its size first.",
    )
