"""Thousands at once: nothing missing and nothing doubled, whatever stops the work."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from appraisal.builder import MAKER
from station.fleet import DAY, NOW, handed_in, people, taxi, visit

from sealkit.appraisal import Conclusion
from sealkit.errors import UsageError
from sealkit.station.bulk import importing, verifying
from sealkit.station.bulk.importing import import_all
from sealkit.station.bulk.intake import Source
from sealkit.station.bulk.submissions import sources_in
from sealkit.station.bulk.verifying import verify_all
from sealkit.station.ledger import Ledger
from sealkit.wire.numbers import SealNumber

IMPORTS = int(os.environ.get("SEALKIT_TEST_IMPORTS", "600"))
"""How many exports are imported while the importer is killed; 10,000 are for a patient person."""


def sources(*serials: int) -> list[Source]:
    return [Source(f"{n}.seal", handed_in(taxi(n)), visit()) for n in serials]


def test_bad_files_are_reported_and_stop_no_others(ledger: Ledger, tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    good = [handed_in(taxi(serial)) for serial in (1, 2, 3)]
    for name, data in (
        ("1.seal", good[0]),
        ("2-cut.seal", good[1][:-50]),
        ("3-altered.seal", good[1][:200] + b"\xff" + good[1][201:]),
        ("4-empty.seal", b""),
        ("5.seal", good[1]),
        ("6-strange.seal", handed_in(taxi(4, type(people())(people().suite)))),
        ("7.seal", good[2]),
        ("trust.json", b"{}"),
        (".hidden", b""),
    ):
        (exports / name).write_bytes(data)
    told = []
    found = sources_in(exports, received=NOW, submitter="Pudong")
    report = import_all(ledger, found, lambda done, of: told.append((done, of)))
    assert (report.new, report.again) == (3, 0)
    assert [(one.name, one.code) for one in report.failed] == [
        ("2-cut.seal", "EXPORT_TRUNCATED"),
        ("3-altered.seal", "EXPORT_ALTERED"),
        ("4-empty.seal", "EXPORT_TRUNCATED"),
        ("6-strange.seal", "EVIDENCE_REFUSED"),
    ]
    assert all(one.message and one.remedy for one in report.failed)
    assert told[-1] == (7, 7)
    again = import_all(ledger, found)
    assert (again.new, again.again, again.records) == (0, 3, 0)
    assert ledger.tree_size() == 3


def test_the_manifest_tells_how_each_came(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "a.seal").write_bytes(handed_in(taxi(1)))
    (tmp_path / "b.seal").write_bytes(handed_in(taxi(2)))
    schema = '"schema": "sealkit.submissions/1"'
    (tmp_path / "visits.jsonl").write_text(
        f'{{{schema}, "file": "b.seal", "received": {NOW + 7}, "submitter": "浦东", '
        f'"latitude": 31.2, "longitude": 121, "plate": "沪A00002"}}\n\n'
        f'{{{schema}, "file": "a.seal", "plate": null}}\n',
        encoding="utf-8",
    )
    found = sources_in(tmp_path, received=NOW, submitter="import")
    assert [source.name for source in found] == ["b.seal", "a.seal"]
    import_all(ledger, found)
    told = [ledger.dossier(SealNumber(MAKER, n)).latest for n in (1, 2)]
    assert [(one.received, one.submitter) for one in told] == [(NOW, "import"), (NOW + 7, "浦东")]
    assert told[1].place is not None
    assert (told[1].place.longitude, told[1].plate_seen) == (121.0, "沪A00002")


@pytest.mark.requirement("H-1")
def test_evidence_of_another_seal_than_the_submitter_named_is_not_taken(
    ledger: Ledger, tmp_path: Path
) -> None:
    schema = '"schema": "sealkit.submissions/1"'
    lines = []
    for serial, named in ((1, "500-1"), (2, "500-3"), (3, None)):
        (tmp_path / f"{serial}.seal").write_bytes(handed_in(taxi(serial)))
        seal = "null" if named is None else f'"{named}"'
        lines.append(f'{{{schema}, "file": "{serial}.seal", "seal": {seal}}}\n')
    (tmp_path / "visits.jsonl").write_text("".join(lines))
    report = import_all(ledger, sources_in(tmp_path, received=NOW, submitter="Pudong"))
    assert [(one.name, one.code) for one in report.failed] == [("2.seal", "SUBMISSION_OTHER_SEAL")]
    assert report.new == 2


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "{",
        '"a.seal"',
        '{"schema": "sealkit.submissions/1"}',
        '{"schema": "sealkit.submissions/2", "file": "a.seal"}',
        '{"schema": "sealkit.submissions/1", "file": "/etc/passwd"}',
        '{"schema": "sealkit.submissions/1", "file": "../a.seal"}',
        '{"schema": "sealkit.submissions/1", "file": 3}',
        '{"schema": "sealkit.submissions/1", "file": "a.seal", "received": "now"}',
        '{"schema": "sealkit.submissions/1", "file": "a.seal", "received": -1}',
        '{"schema": "sealkit.submissions/1", "file": "a.seal", "received": true}',
        '{"schema": "sealkit.submissions/1", "file": "a.seal", "latitude": 1}',
        '{"schema": "sealkit.submissions/1", "file": "a.seal", "latitude": "1", "longitude": 2}',
        '{"schema": "sealkit.submissions/1", "file": "a.seal", "latitude": 91, "longitude": 2}',
        '{"schema": "sealkit.submissions/1", "file": "a.seal", "latitude": NaN, "longitude": 2}',
        '{"schema": "sealkit.submissions/1", "file": "a.seal", "plate": ["x"]}',
        '{"schema": "sealkit.submissions/1", "file": "a.seal", "seal": "500"}',
        '{"schema": "sealkit.submissions/1", "file": "a.seal", "seal": 500}',
        "[" * 100_000,
    ],
)
def test_a_bad_manifest_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "visits.jsonl").write_text(line + "\n")
    if not line:
        assert sources_in(tmp_path, received=NOW, submitter="x") == []
        return
    with pytest.raises(UsageError, match=r"MANIFEST_MALFORMED|PLACE_INVALID"):
        sources_in(tmp_path, received=NOW, submitter="x")


def test_no_such_directory(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="NO_SUCH_DIRECTORY"):
        sources_in(tmp_path / "nowhere", received=NOW, submitter="x")


def test_all_are_judged_once_and_again_when_something_came(ledger: Ledger) -> None:
    import_all(ledger, sources(*range(1, 41)))
    told = []
    first = list(verify_all(ledger, ledger.bench(), NOW, lambda done, of: told.append(done)))
    assert [one.number.serial for one in first] == list(range(1, 41))
    assert {one.conclusion for one in first} == {Conclusion.INTACT}
    assert told[-1] == 40
    assert list(verify_all(ledger, ledger.bench(), NOW)) == []
    assert len(list(verify_all(ledger, ledger.bench(), NOW + 2 * DAY))) == 40
    ledger.ingest_export(handed_in(taxi(50)), visit())
    assert len(ledger.pending(ledger.bench(), NOW)) == 41


def test_a_slow_import_keeps_what_is_done(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "FILES_A_TASK", 4)
    monkeypatch.setattr(importing, "SECONDS_A_BATCH", 0.0)
    told: list[int] = []
    import_all(ledger, sources(*range(1, 13)), lambda done, of: told.append(done))
    assert told == [4, 8, 12, 12]


def test_judging_goes_on_where_it_was_stopped(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "VERDICTS_A_BATCH", 16)
    import_all(ledger, sources(*range(1, 41)))
    going = verify_all(ledger, ledger.bench(), NOW)
    stopped = next(going)
    going.close()
    assert stopped.number.serial == 1
    left = ledger.pending(ledger.bench(), NOW)
    assert [number.serial for number in left] == list(range(17, 41))
    assert len(list(verify_all(ledger, ledger.bench(), NOW))) == 24
    assert ledger.overview(NOW).counts == {Conclusion.INTACT: 40}


IMPORTER = """
import sys
from pathlib import Path
from sealkit.station.bulk import importing
from sealkit.station.ledger import Ledger
from sealkit.station.bulk.submissions import sources_in

def main():
    importing.EVIDENCES_A_BATCH = 20
    with Ledger(sys.argv[1]) as ledger:
        sources = sources_in(Path(sys.argv[2]), received=int(sys.argv[3]), submitter="x")
        importing.import_all(ledger, sources, lambda done, of: print(done, flush=True))

if __name__ == "__main__":
    main()
"""


def test_killed_at_any_moment_and_run_again(url: str, other_url: str, tmp_path: Path) -> None:
    """What was told as done is there afterwards, and in the end everything is there once."""
    exports = tmp_path / "exports"
    exports.mkdir()
    template = [taxi(serial) for serial in range(1, 11)]
    for place in range(IMPORTS):
        data = handed_in(template[place % 10], NOW + place // 10, pulses=place // 10)
        (exports / f"{place:06}.seal").write_bytes(data)
    with Ledger(url) as ledger:
        ledger.use_trust(people().trust, NOW)
    script = tmp_path / "importer.py"
    script.write_text(IMPORTER)
    dice = random.Random(IMPORTS)
    told = kills = 0
    while told < IMPORTS:
        command = [sys.executable, str(script), url, str(exports), str(NOW)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as importer:
            assert importer.stdout is not None
            last, reports = 0, dice.randint(1, 12)
            for line in importer.stdout:
                last, reports = int(line), reports - 1
                if reports == 0 and kills < 4:
                    importer.send_signal(signal.SIGKILL)
                    kills += 1
                    break
        with Ledger(url) as ledger:
            assert ledger.tree_size() >= last
        told = max(told, last)
    assert kills
    with Ledger(url) as ledger:
        overview = ledger.overview(NOW)
        assert (overview.evidences, overview.leaves, overview.seals) == (IMPORTS, IMPORTS, 10)
        leaves = [ledger.leaf(place) for place in range(IMPORTS)]
        assert len(set(leaves)) == IMPORTS
        with Ledger(other_url) as whole:
            whole.use_trust(people().trust, NOW)
            import_all(whole, sources_in(exports, received=NOW, submitter="x"))
            assert whole.root(IMPORTS) == ledger.root(IMPORTS)
        for log in template:
            number = SealNumber(MAKER, log.world.serial)
            dossier = ledger.dossier(number)
            assert dossier.whole_control(dossier.latest) == tuple(log.control)
            assert dossier.whole_journal(dossier.latest) == tuple(log.journal)
