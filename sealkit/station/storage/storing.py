"""Writes what was examined into the ledger and its tree, many at a time or one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import Column, Connection, Table, func, select
from sqlalchemy.exc import IntegrityError

from sealkit.crypto.suite import Suite
from sealkit.station.history.examining import ControlRow, Examined, JournalRow
from sealkit.station.storage import schema
from sealkit.station.storage.database import Database
from sealkit.station.storage.leaves import count_leaves, read_hashes
from sealkit.station.tree.merkle import Frontier
from sealkit.wire.numbers import SealNumber

Row = TypeVar("Row", ControlRow, JournalRow)
_SEQUENCE: Final = 0
_DIGEST: Final = 1


class Receipt(NamedTuple):
    """What the ledger says that it holds, once it is on the disk.

    leaf: the evidence's place in the tree, from 0; leaf_hash: its hash, 32 bytes, the receipt that
    an ACKNOWLEDGE order carries (SPEC.md O-32). received: when it first came. is_new: False if it
    was there before. control, journal: how many records it brought that were not there. left_out:
    how many hang on no head that the seal signed, and were not taken.
    """

    number: SealNumber
    leaf: int
    leaf_hash: bytes
    received: int
    is_new: bool
    control: int
    journal: int
    left_out: int


class VerdictRow(NamedTuple):
    """A verdict, by the columns of `verdicts` after the id."""

    leaf_hash: bytes
    seal: int
    evidence: int
    judged: int
    basis: int
    trust: int
    policy: str
    conclusion: str
    findings: str
    state: int
    evidence_time: int
    plate: str | None
    meter: str | None
    valid_until: int | None
    content: bytes


Judging = Callable[[Connection, Sequence[Receipt]], Sequence[VerdictRow]]
"""What is to be concluded from what was just taken, on the same connection."""


@dataclass(slots=True)
class _Rows:
    """The rows of one transaction, by table."""

    seals: list[tuple[int, int, int]] = field(default_factory=list)
    credentials: list[tuple[Any, ...]] = field(default_factory=list)
    evidence: list[tuple[Any, ...]] = field(default_factory=list)
    control: list[tuple[Any, ...]] = field(default_factory=list)
    journal: list[tuple[Any, ...]] = field(default_factory=list)
    orders: list[tuple[Any, ...]] = field(default_factory=list)
    groups: list[tuple[Any, ...]] = field(default_factory=list)
    verdicts: list[tuple[Any, ...]] = field(default_factory=list)


class _AlreadyHeldError(Exception):
    """Some of what was taken for new is in the ledger already; nothing was written."""


class Store:
    """The writing side of a ledger.

    What it remembers (numbers of seals, credentials, the tree's frontier) is taken from committed
    transactions alone and never changes in the database, so it is right for ever.
    """

    def __init__(self, database: Database, suite: Suite) -> None:
        self._database = database
        self._suite = suite
        self._seals: dict[SealNumber, int] = {}
        self._credentials: set[bytes] = set()
        self._frontier = Frontier()

    def add(self, batch: Sequence[Examined]) -> list[Receipt]:
        """One transaction for all of them. Errors: those of `Database.write`."""
        return self.add_judged(batch, lambda _connection, _receipts: ())[0]

    def add_judged(
        self, batch: Sequence[Examined], judging: Judging
    ) -> tuple[list[Receipt], list[int]]:
        """The same, with the verdicts that `judging` comes to once they are written; their leaves
        follow in the tree before anything else can come. Errors: those of `Database.write`."""

        def write(connection: Connection, *, all_new: bool) -> tuple[_Writing, _Writing]:
            taking = self._write(connection, batch, all_new=all_new)
            verdicts = _Writing(self._database, self._suite, connection)
            verdicts.frontier = taking.frontier
            verdicts.take_verdicts(judging(connection, taking.receipts))
            verdicts.flush()
            return taking, verdicts

        # Most of what comes is new, so it is looked up only once something turns out not to be.
        try:
            taking, verdicts = self._database.write(partial(write, all_new=True))
        except _AlreadyHeldError:
            taking, verdicts = self._database.write(partial(write, all_new=False))
        self._seals |= taking.seals
        self._credentials |= taking.credentials
        self._remember(verdicts.frontier)
        return taking.receipts, verdicts.leaves

    def add_verdicts(self, verdicts: Sequence[VerdictRow]) -> list[int]:
        """One transaction for all of them; the leaf of each. Errors: those of `Database.write`."""

        def write(connection: Connection) -> _Writing:
            writing = _Writing(self._database, self._suite, connection)
            writing.read_frontier(self._frontier)
            writing.take_verdicts(verdicts)
            writing.flush()
            return writing

        writing = self._database.write(write)
        self._remember(writing.frontier)
        return writing.leaves

    def _remember(self, frontier: Frontier) -> None:
        if frontier.size >= self._frontier.size:
            self._frontier = frontier

    def _write(
        self, connection: Connection, batch: Sequence[Examined], *, all_new: bool
    ) -> _Writing:
        writing = _Writing(self._database, self._suite, connection)
        writing.begin(batch, self._seals, self._credentials, self._frontier)
        if not all_new:
            writing.look_up(batch)
        for examined in batch:
            writing.take(examined)
        try:
            writing.flush()
        except IntegrityError as error:
            if all_new:
                raise _AlreadyHeldError from error
            raise
        return writing


class _Writing:
    """One transaction: what is there already, and what comes."""

    def __init__(self, database: Database, suite: Suite, connection: Connection) -> None:
        self._database, self._connection = database, connection
        self._digest = suite.digest
        self._rows = _Rows()
        self._hashes: list[bytes] = []
        self._known: dict[bytes, tuple[int, int, bytes]] = {}
        self._held: dict[tuple[str, int], set[bytes]] = {}
        self._groups: dict[int, set[bytes]] = {}
        self._new_seals: set[int] = set()
        self.seals: dict[SealNumber, int] = {}
        self.credentials: set[bytes] = set()
        self.frontier = Frontier()
        self.receipts: list[Receipt] = []
        self.leaves: list[int] = []

    def begin(
        self,
        batch: Sequence[Examined],
        seals: dict[SealNumber, int],
        credentials: set[bytes],
        frontier: Frontier,
    ) -> None:
        """Gets ready for what comes."""
        self.read_frontier(frontier)
        numbers = {(examined.maker, examined.serial) for examined in batch}
        self._look_up_seals({SealNumber(*number) for number in numbers}, seals)
        told = {row.digest for examined in batch for row in examined.credentials}
        self.credentials = told & credentials
        digest = schema.credentials.c.digest
        held = self._rows_with((digest,), [(value,) for value in told - credentials], digest)
        self.credentials |= {value for (value,) in held}

    def look_up(self, batch: Sequence[Examined]) -> None:
        """Which of the evidences the ledger holds already."""
        table = schema.evidence.c
        keys = table.seal, table.tick_ms, table.digest
        values = [(self.seals[one.number], one.tick_ms, one.digest) for one in batch]
        columns = table.digest, table.id, table.received, table.leaf_hash
        for digest, *known in self._rows_with(keys, values, *columns):
            self._known[digest] = tuple(known)

    def read_frontier(self, frontier: Frontier) -> None:
        """Gets ready to add to the tree. frontier: of some time ago, which may be still right."""
        size = count_leaves(self._connection)
        if frontier.size != size:
            frontier = Frontier.read(self._digest, size, partial(read_hashes, self._connection))
        self.frontier = frontier

    def _add_leaf(self, value: bytes) -> int:
        """Its place in the tree, for the leaf with this hash."""
        self._hashes.append(value)
        return self.frontier.size + len(self._hashes) - 1

    def _look_up_seals(self, numbers: set[SealNumber], known: dict[SealNumber, int]) -> None:
        table = schema.seals.c
        self.seals = {number: known[number] for number in numbers if number in known}
        unknown = sorted(numbers - known.keys())
        keys = table.maker, table.serial
        for seal, maker, serial in self._rows_with(keys, unknown, table.id, *keys):
            self.seals[SealNumber(maker, serial)] = seal
        if len(self.seals) < len(numbers):
            following = (self._scalar(select(func.max(table.id))) or 0) + 1
            for number in sorted(numbers - self.seals.keys()):
                self.seals[number] = following
                self._new_seals.add(following)
                self._rows.seals.append((following, number.maker, number.serial))
                following += 1

    def take(self, examined: Examined) -> None:
        """Adds one submission to the rows."""
        number = examined.number
        seal = self.seals[number]
        known = self._known.get(examined.digest)
        is_new = known is None
        if known is None:
            place = self._add_leaf(examined.leaf_hash)
            known = self._known[examined.digest] = place, examined.received, examined.leaf_hash
            self._rows.evidence.append((place, seal, *examined.facts))
        leaf, received, value = known
        for row in examined.credentials:
            if row.digest not in self.credentials:
                self.credentials.add(row.digest)
                self._rows.credentials.append(row)
        control = self._take_control(seal, leaf, examined) if examined.control else 0
        journal = self._take_journal(seal, leaf, examined) if examined.journal else 0
        if examined.groups:
            self._take_groups(seal, leaf, examined)
        self.receipts.append(
            Receipt(number, leaf, value, received, is_new, control, journal, examined.left_out)
        )

    def _take_control(self, seal: int, leaf: int, examined: Examined) -> int:
        new = self._new(schema.control_records, seal, examined.control)
        came = {row[_DIGEST] for row in new}
        self._rows.control += [(seal, *row, leaf) for row in new]
        self._rows.orders += [(seal, *row) for row in examined.orders if row.digest in came]
        return len(new)

    def _take_journal(self, seal: int, leaf: int, examined: Examined) -> int:
        new = self._new(schema.journal_records, seal, examined.journal)
        self._rows.journal += [(seal, *row, leaf) for row in new]
        return len(new)

    def _new(self, table: Table, seal: int, rows: Sequence[Row]) -> list[Row]:
        """The rows that the ledger does not hold yet."""
        held = self._held.setdefault((table.name, seal), set())
        if seal not in self._new_seals:
            first, last = rows[0][_SEQUENCE], rows[-1][_SEQUENCE]
            query = select(table.c.digest).where(
                table.c.seal == seal, table.c.sequence.between(first, last)
            )
            held.update(digest for (digest,) in self._all(query))
        new = [row for row in rows if row[_DIGEST] not in held]
        held.update([row[_DIGEST] for row in new])
        return new

    def _take_groups(self, seal: int, leaf: int, examined: Examined) -> None:
        held = self._groups.get(seal)
        if held is None:
            table = schema.parameter_groups
            query = select(table.c.digest).where(table.c.seal == seal)
            known = () if seal in self._new_seals else self._all(query)
            held = self._groups[seal] = {digest for (digest,) in known}
        for digest, number, content in examined.groups:
            if digest not in held:
                held.add(digest)
                self._rows.groups.append((seal, digest, number, content, leaf))

    def take_verdicts(self, verdicts: Sequence[VerdictRow]) -> None:
        """Adds verdicts to the rows, each with a leaf that commits to it."""
        for verdict in verdicts:
            place = self._add_leaf(verdict.leaf_hash)
            self.leaves.append(place)
            self._rows.verdicts.append((place, *verdict))

    def flush(self) -> None:
        """Writes the rows, and the tree over them; what others refer to goes first."""
        rows = self._rows
        self.frontier, nodes = self.frontier.extend(self._digest, self._hashes)
        for table, values in (
            (schema.seals, rows.seals),
            (schema.credentials, rows.credentials),
            (schema.evidence, rows.evidence),
            (schema.control_records, rows.control),
            (schema.journal_records, rows.journal),
            (schema.orders, rows.orders),
            (schema.parameter_groups, rows.groups),
            (schema.verdicts, rows.verdicts),
            (schema.tree_nodes, nodes),
        ):
            self._database.insert(self._connection, table, values)

    def _rows_with(
        self,
        keys: Sequence[Column[Any]],
        values: Iterable[tuple[Any, ...]],
        *wanted: Column[Any],
    ) -> list[Any]:
        return list(self._database.rows_with(self._connection, keys, values, *wanted))

    def _scalar(self, query: Any) -> Any:
        return self._connection.execute(query).scalar()

    def _all(self, query: Any) -> Iterable[Any]:
        return self._connection.execute(query).all()
