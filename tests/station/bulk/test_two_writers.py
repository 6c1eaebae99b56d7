"""Two programs on one database at the same time make one ledger and one tree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from station.bulk.test_bulk import IMPORTER
from station.fleet import NOW, handed_in, people, taxi

from sealkit.station.bulk.importing import import_all
from sealkit.station.bulk.submissions import sources_in
from sealkit.station.ledger import Ledger


def test_both_take_the_same_stream_and_it_is_as_if_one_had(
    url: str, other_url: str, tmp_path: Path
) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    logs = [taxi(serial) for serial in range(1, 6)]
    for place in range(200):
        data = handed_in(logs[place % 5], NOW + place // 5, pulses=place // 5)
        (exports / f"{place:06}.seal").write_bytes(data)
    with Ledger(url) as ledger:
        ledger.use_trust(people().trust, NOW)
    script = tmp_path / "importer.py"
    script.write_text(IMPORTER)
    command = [sys.executable, str(script), url, str(exports), str(NOW)]
    both = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [one.wait(120) for one in both] == [0, 0]
    with Ledger(url) as ledger, Ledger(other_url) as alone:
        alone.use_trust(people().trust, NOW)
        import_all(alone, sources_in(exports, received=NOW, submitter="x"))
        assert ledger.tree_size() == alone.tree_size() == 200
        assert ledger.root(200) == alone.root(200)
        assert [ledger.root(n) for n in (1, 77, 199)] == [alone.root(n) for n in (1, 77, 199)]
        for seal in alone.seals():
            mine, theirs = (one.dossier(seal.number) for one in (ledger, alone))
            assert mine.contents == theirs.contents
            assert mine.evidences == theirs.evidences
