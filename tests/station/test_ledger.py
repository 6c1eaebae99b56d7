"""The ledger on both databases: what it takes, what it answers, and that it forgets nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from appraisal.builder import MAKER, flip
from sqlalchemy import Engine, create_engine, func, insert, select, text
from sqlalchemy.exc import DBAPIError
from station.fleet import (
    DAY,
    FAR,
    HERE,
    NOW,
    alter_by_force,
    answered,
    filled,
    handed_in,
    people,
    plate,
    taxi,
    visit,
)
from support.tree import KeptTree

from sealkit.appraisal import Conclusion, from_export
from sealkit.errors import IntegrityError, MalformedError, UndeterminedError, UsageError
from sealkit.rules.merkle import leaf_hash, verify_consistency, verify_inclusion
from sealkit.station.history.examining import Examiner
from sealkit.station.history.visits import Visit
from sealkit.station.ledger import Ledger
from sealkit.station.storage import schema
from sealkit.station.storage.fleet import FleetQuery
from sealkit.station.storage.judgements import judge_seal
from sealkit.station.tree.merkle import consistency_proof, inclusion_proof
from sealkit.wire.numbers import SealNumber
from sealkit.wire.registry import RecordedConclusion, State
from sealkit.wire.witness import LEDGER_LEAF, NO_PLACE


def number(serial: int) -> SealNumber:
    return SealNumber(MAKER, serial)


def test_the_same_evidence_again_gives_the_same_receipt(ledger: Ledger) -> None:
    export = handed_in(taxi(1))
    first = ledger.ingest_export(export, visit(NOW))
    again = ledger.ingest_export(export, Visit(NOW + 99, "somebody else", FAR))
    assert first.is_new
    assert (first.control, first.journal) == (3, 3)
    assert again == first._replace(is_new=False, control=0, journal=0)
    assert ledger.tree_size() == 1


def test_two_uploads_at_once_are_one(ledger: Ledger) -> None:
    exports = [handed_in(taxi(serial)) for serial in (1, 2, 3)] * 4
    with ThreadPoolExecutor(4) as pool:
        receipts = list(pool.map(lambda data: ledger.ingest_export(data, visit()), exports))
    assert sum(receipt.is_new for receipt in receipts) == 3
    assert len({(receipt.leaf, receipt.leaf_hash) for receipt in receipts}) == 3
    assert ledger.tree_size() == 3


def test_a_later_export_brings_only_what_is_new(ledger: Ledger) -> None:
    log = taxi(1)
    ledger.ingest_export(handed_in(log), visit())
    log.boot()
    log.boot()
    receipt = ledger.ingest_export(handed_in(log, NOW + DAY), visit(NOW + DAY))
    assert (receipt.is_new, receipt.control, receipt.journal) == (True, 0, 2)
    judgement = ledger.judge(number(1), NOW + DAY)
    assert judgement.conclusion is Conclusion.INTACT
    assert ledger.judgements(number(1)) == [judgement]


def test_the_whole_history_is_judged_from_exports_that_hold_a_part_each(ledger: Ledger) -> None:
    log = taxi(1)
    ledger.ingest_export(handed_in(log), visit())
    log.boot()
    material = answered(log, NOW + 60)
    rest = material._replace(control=(), journal=material.journal and material.journal[-1:])
    ledger.ingest(rest._replace(seal_credential=None), visit(NOW + 60))
    verdict = ledger.appraise(number(1), NOW + 60)
    assert verdict.conclusion is Conclusion.INTACT
    assert ledger.dossier(number(1)).whole_journal(ledger.dossier(number(1)).latest) == tuple(
        log.journal
    )


def test_what_does_not_verify_goes_nowhere(ledger: Ledger) -> None:
    good = from_export(handed_in(taxi(1)))
    assert good.evidence is not None
    others = people().with_seal(9)
    for bad in (
        good._replace(evidence=flip(good.evidence, 300)),
        good._replace(evidence=None),
        good._replace(evidence=b"x"),
        good._replace(seal_credential=None),
        good._replace(seal_credential=others.seal_credential.raw),
        good._replace(nonce=bytes([1]) * 32),
    ):
        with pytest.raises(IntegrityError, match="EVIDENCE_REFUSED"):
            ledger.ingest(bad, visit())
    export = handed_in(taxi(1))
    with pytest.raises(MalformedError, match="EXPORT_ALTERED"):
        ledger.ingest_export(flip(export, -1), visit())
    with pytest.raises(MalformedError, match="EXPORT_TRUNCATED"):
        ledger.ingest_export(export[:-100], visit())
    assert ledger.tree_size() == 0
    assert ledger.overview(NOW).seals == 0


def test_records_that_no_signed_head_leads_to_are_left_out(ledger: Ledger) -> None:
    log = taxi(1)
    material = from_export(handed_in(log))
    altered = [flip(record, -1) if i == 1 else record for i, record in enumerate(log.control)]
    receipt = ledger.ingest(material._replace(control=tuple(altered)), visit())
    assert (receipt.control, receipt.left_out) == (1, 2)
    assert ledger.judge(number(1), NOW).conclusion is Conclusion.UNDETERMINED
    whole = ledger.ingest(material, visit())
    assert (whole.is_new, whole.control, whole.left_out) == (False, 2, 0)
    assert ledger.judge(number(1), NOW).conclusion is Conclusion.INTACT


def test_a_batch_is_stored_whole_or_not_at_all(ledger: Ledger) -> None:
    examiner = Examiner(ledger.trust, ledger.secret)
    good = examiner.examine_export(handed_in(taxi(1)), visit())
    bad = examiner.examine_export(handed_in(taxi(2)), visit())
    torn = bad._replace(facts=(bad.facts[0], None, *bad.facts[2:]))
    with pytest.raises(Exception, match="DATABASE_FAILED"):
        ledger.add([good, torn])
    assert ledger.tree_size() == 0
    assert [receipt.leaf for receipt in ledger.add([good, bad])] == [0, 1]


def test_a_batch_may_hold_what_is_there_already(ledger: Ledger) -> None:
    examiner = Examiner(ledger.trust, ledger.secret)
    one, two, three = (
        examiner.examine_export(handed_in(taxi(serial)), visit()) for serial in (1, 2, 3)
    )
    ledger.add([one])
    receipts = ledger.add([two, one, two, three, one])
    assert [receipt.leaf for receipt in receipts] == [1, 0, 1, 2, 0]
    assert [receipt.is_new for receipt in receipts] == [True, False, False, True, False]
    assert ledger.tree_size() == 3


@pytest.mark.parametrize("tick", [7, (1 << 64) - 1])
def test_evidences_of_one_tick_are_kept_apart(ledger: Ledger, tick: int) -> None:
    log = taxi(1)
    exports = [handed_in(log, tick_ms=tick, pulses=pulses) for pulses in (5, 6)]
    for are_new in (True, False):
        receipts = [ledger.ingest_export(export, visit()) for export in exports]
        assert [receipt.leaf for receipt in receipts] == [0, 1]
        assert [receipt.is_new for receipt in receipts] == [are_new] * 2


def fill_empty_tables(engine: Engine) -> None:
    """A row in each table that has none: SQLite asks its triggers for rows only."""
    samples = {int: 1, bytes: bytes(32), str: "x"}
    with engine.begin() as connection:
        for table in schema.metadata.sorted_tables:
            if connection.execute(select(func.count()).select_from(table)).scalar() == 0:
                row = {column.name: samples[column.type.python_type] for column in table.columns}
                connection.execute(insert(table).values(**row))


def test_nothing_that_was_written_can_be_changed(ledger: Ledger, url: str) -> None:
    log = taxi(1)
    ledger.ingest_export(handed_in(log), Visit(NOW, "Pudong", HERE, plate(1)))
    ledger.judge(number(1), NOW)
    ledger.acknowledge(number(1), NOW, "Pudong")
    ledger.use_trust(people().trust_with(people().inspector.credential), NOW)
    head = ledger.tree_size(), ledger.root(ledger.tree_size())
    engine = create_engine(ledger.database.url)
    fill_empty_tables(engine)
    changes = []
    # A nonce that nothing answered proves nothing, and goes when it has expired.
    for table in set(schema.metadata.tables.values()) - {schema.nonces}:
        column = table.columns.values()[-1].name
        changes += [f"UPDATE {table.name} SET {column} = {column}", f"DELETE FROM {table.name}"]
        if engine.dialect.name == "sqlite":
            changes.append(f"INSERT OR REPLACE INTO {table.name} SELECT * FROM {table.name}")
        else:
            changes.append(f"TRUNCATE {table.name} CASCADE")
    for change in changes:
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(change))
    engine.dispose()
    assert head == (ledger.tree_size(), ledger.root(ledger.tree_size()))
    assert ledger.judge(number(1), NOW).conclusion is Conclusion.INTACT


def test_the_migrations_make_the_tables_of_the_schema(ledger: Ledger) -> None:
    def differences(connection: object) -> object:
        context = MigrationContext.configure(connection)  # type: ignore[arg-type]
        return compare_metadata(context, schema.metadata)

    assert ledger.database.read(differences) == []


def test_every_tree_begins_the_next_and_holds_its_leaves(ledger: Ledger) -> None:
    digest = ledger.suite.digest
    roots = [ledger.root(0)]
    for serial in range(1, 8):
        ledger.ingest_export(handed_in(taxi(serial)), visit())
        roots.append(ledger.root(serial))
    ledger.judge(number(1), NOW)
    roots.append(ledger.root(8))
    assert ledger.tree_size() == 8
    for size in range(1, 9):
        for index in range(size):
            path = ledger.inclusion(index, size)
            leaf = leaf_hash(digest, ledger.leaf(index))
            assert verify_inclusion(digest, leaf, index, size, path, roots[size])
        for first in range(size + 1):
            proof = ledger.consistency(first, size)
            assert verify_consistency(digest, first, size, proof, roots[first], roots[size])
    for wrong in (lambda: ledger.root(9), lambda: ledger.inclusion(8, 8), lambda: ledger.leaf(8)):
        with pytest.raises(UsageError, match="TREE_TOO_SMALL"):
            wrong()


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("evidence", "received = received + 1"),
        ("evidence", "latitude = 1, longitude = 2"),
        ("verdicts", "conclusion = 'broken'"),
        ("verdicts", "content = leaf_hash"),
    ],
)
def test_what_is_altered_by_force_no_longer_fits_the_tree(
    ledger: Ledger, table: str, change: str
) -> None:
    ledger.ingest_export(handed_in(taxi(1)), visit())
    ledger.judge(number(1), NOW)
    index = {"evidence": 0, "verdicts": 1}[table]
    ledger.leaf(index)
    alter_by_force(ledger, table, change)
    with pytest.raises(IntegrityError, match="LEDGER_ALTERED"):
        ledger.leaf(index)


def test_a_tree_of_several_kept_levels_is_that_of_its_leaves(ledger: Ledger) -> None:
    digest = ledger.suite.digest
    ledger.ingest_export(handed_in(taxi(1)), visit())
    grown = KeptTree(digest, [ledger.leaf(0)])
    while grown.frontier.size < 275:
        # Few and many at once, and by one that has just begun to use the database.
        with Ledger(ledger.database.url.render_as_string(hide_password=False)) as another:
            judging = partial(judge_seal, number=number(1), bench=another.bench(), now=NOW)
            row, _ = another.database.read(judging)
            leaves = another.add_verdicts([row] * (1 + grown.frontier.size % 37))
        assert [grown.add(ledger.leaf(leaf)) for leaf in leaves] == leaves
        size = grown.frontier.size
        assert ledger.root(size) == grown.frontier.root(digest)
    for index in (0, 15, 16, 255, 256, 272, size - 1):
        assert ledger.inclusion(index, size) == inclusion_proof(digest, index, size, grown.hashes)
        assert ledger.consistency(index, size) == consistency_proof(
            digest, index, size, grown.hashes
        )


def test_leaves_tell_what_was_taken_and_what_was_concluded(ledger: Ledger) -> None:
    log = taxi(1)
    receipt = ledger.ingest_export(handed_in(log), Visit(NOW + 5, "Pudong", HERE))
    judgement = ledger.judge(number(1), NOW + 6)
    taken, judged = (LEDGER_LEAF.parse(ledger.leaf(i)) for i in (receipt.leaf, judgement.leaf))
    assert (taken.number, taken.received_at) == (number(1), NOW + 5)
    assert taken.conclusion is RecordedConclusion.NOT_JUDGED
    assert judged.conclusion is RecordedConclusion.INTACT
    assert judged.verdict_digest == ledger.suite.digest(judgement.content)
    assert judged.evidence_digest == taken.evidence_digest
    assert taken.place_digest == judged.place_digest != NO_PLACE


def test_lists_and_numbers(url: str) -> None:
    with filled(url, 1, 2, 3) as ledger:
        log = taxi(4)
        log.tamper(1)
        ledger.ingest_export(handed_in(log), visit())
        assert ledger.overview(NOW).counts == {None: 4}
        for serial in (1, 2, 4):
            ledger.judge(number(serial), NOW)
        overview = ledger.overview(NOW + 2 * 365 * DAY)
        assert (overview.seals, overview.evidences, overview.leaves) == (4, 4, 7)
        assert overview.counts == {None: 1, Conclusion.INTACT: 2, Conclusion.BROKEN: 1}
        assert overview.overdue == 3
        assert [one.number for one in overview.newest] == [number(4)]

        def listed(query: FleetQuery) -> list[int]:
            return [one.number.serial for one in ledger.seals(query)]

        assert listed(FleetQuery()) == [1, 2, 3, 4]
        assert listed(FleetQuery(conclusion=Conclusion.INTACT)) == [1, 2]
        assert listed(FleetQuery(not_judged=True)) == [3]
        assert listed(FleetQuery(state=State.TAMPERED)) == [4]
        assert listed(FleetQuery(code="CASE_OPENED")) == [4]
        assert listed(FleetQuery(plate="00002")) == [2]
        assert listed(FleetQuery(plate="%")) == []
        assert listed(FleetQuery(overdue_at=NOW + 2 * 365 * DAY)) == [1, 2, 4]
        assert listed(FleetQuery(after=number(2), limit=1)) == [3]
        assert ledger.find_plate("A0000") == [(number(n), plate(n)) for n in (1, 2, 3, 4)]
        assert ledger.seal(number(3)).conclusion is None
        with pytest.raises(UsageError, match="SEAL_UNKNOWN"):
            ledger.seal(number(5))
        with pytest.raises(UsageError, match="SEAL_UNKNOWN"):
            ledger.judge(number(5), NOW)


@pytest.mark.requirement("R22")
def test_a_journal_is_acknowledged_when_all_of_it_is_here(ledger: Ledger) -> None:
    log = taxi(1)
    material = from_export(handed_in(log))
    receipt = ledger.ingest(material._replace(journal=None), visit())
    with pytest.raises(UndeterminedError, match="JOURNAL_INCOMPLETE"):
        ledger.acknowledge(number(1), NOW, "Pudong")
    ledger.ingest(material, visit())
    told = ledger.acknowledge(number(1), NOW, "Pudong")
    head = log.journal_head
    assert (told.sequence, told.digest) == (head.sequence, head.digest)
    assert told.receipt == receipt.leaf_hash


def test_trust_goes_up_and_stays_with_one_authority(ledger: Ledger) -> None:
    world = people()
    newer = world.trust_with(world.inspector.credential, version=2)
    ledger.use_trust(newer, NOW)
    ledger.use_trust(newer, NOW + 1)
    assert ledger.trust == newer
    with pytest.raises(UsageError, match="LEDGER_TRUST_OLDER"):
        ledger.use_trust(world.trust_with(version=1), NOW)
    with pytest.raises(UsageError, match="LEDGER_OTHER_AUTHORITY"):
        ledger.use_trust(type(world)(world.suite).trust, NOW)
    assert [one.since for one in ledger.bench().revocations] == [NOW]


def test_without_trust_nothing_is_taken(url: str) -> None:
    with Ledger(url) as ledger, pytest.raises(UsageError, match="LEDGER_WITHOUT_TRUST"):
        ledger.ingest_export(handed_in(taxi(1)), visit())


def test_another_program_sees_what_was_stored(ledger: Ledger) -> None:
    receipt = ledger.ingest_export(handed_in(taxi(1)), visit())
    url = ledger.database.url.render_as_string(hide_password=False)
    with Ledger(url) as other:
        assert other.ingest_export(handed_in(taxi(2)), visit()).leaf == 1
        assert other.dossier(number(1)).of_leaf(receipt.leaf).submitter == "Pudong"
    assert ledger.ingest_export(handed_in(taxi(3)), visit()).leaf == 2
    assert ledger.root(3)


def test_texts_that_a_database_would_not_take(ledger: Ledger, tmp_path: Path) -> None:
    receipt = ledger.ingest_export(handed_in(taxi(1)), Visit(NOW, "a\0b", None, "x\0"))
    held = ledger.dossier(number(1)).of_leaf(receipt.leaf)
    assert (held.submitter, held.plate_seen) == ("a\ufffdb", "x\ufffd")
    assert ledger.judge(number(1), NOW).conclusion is Conclusion.BROKEN
