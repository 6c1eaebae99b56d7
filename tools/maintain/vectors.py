"""Make the vectors of protocol/vectors anew, or check those that are there.

python tools/maintain/vectors.py            make them anew (signatures, so bytes, differ)
python tools/maintain/vectors.py --complete keep the signatures of the book, sign only what is new
python tools/maintain/vectors.py --check    make them again by the book of signatures, compare
                                            byte for byte, and let openssl judge each signature
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import vectors_family
import vectors_frames
import vectors_messages
import vectors_orders
import vectors_parameters
import vectors_records
import vectors_signatures
import vectors_verdicts
import vectors_witness
from vectors_crypto import CURVES, Suite

VECTORS = Path(__file__).resolve().parents[2] / "protocol" / "vectors"
BOOK = "made.json"


def text_of(made: dict[str, Any]) -> str:
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def files_of(suite: Suite) -> dict[str, dict[str, Any]]:
    """Every file of one suite; the book last, when all signatures are in it."""
    family = vectors_family.Family(suite)
    files = {
        "signatures.json": vectors_signatures.make(suite),
        "credentials.json": vectors_family.make_credentials(family),
        "trust.json": vectors_family.make_trust(family),
        "messages.json": vectors_messages.make(family),
        "parameters.json": vectors_parameters.make(family),
        "records.json": vectors_records.make(family),
        "orders.json": vectors_orders.make(family),
        "evidence.json": vectors_verdicts.make_evidence(family),
        "exports.json": vectors_verdicts.make_exports(family),
        "witness.json": vectors_witness.make(family),
    }
    return {**files, BOOK: dict(suite.made)}


def all_files(by_the_book: bool, completing: bool) -> tuple[dict[Path, str], list[str]]:
    """The text of every file, and what openssl sees otherwise."""
    texts = {VECTORS / "frames.json": text_of(vectors_frames.make())}
    wrong: list[str] = []
    for name in CURVES:
        directory = VECTORS / name
        book = json.loads((directory / BOOK).read_text("utf-8")) if by_the_book else None
        suite = Suite(name, book, completing)
        for file, made in files_of(suite).items():
            texts[directory / file] = text_of(made)
        wrong += suite.judge_all()
    return texts, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description="Make or check the vectors of protocol/vectors.")
    parser.add_argument("--check", action="store_true", help="change nothing, compare and judge")
    parser.add_argument("--complete", action="store_true", help="sign only what the book lacks")
    arguments = parser.parse_args()
    check = arguments.check
    try:
        texts, wrong = all_files(check or arguments.complete, arguments.complete and not check)
    except (OSError, ValueError) as error:
        print(f"vectors: {error}", file=sys.stderr)
        return 1
    if check:
        wrong += [
            f"{path.relative_to(VECTORS)} is not what its description makes"
            for path, text in texts.items()
            if not path.exists() or path.read_text("utf-8") != text
        ]
    for line in wrong:
        print(f"vectors: {line}", file=sys.stderr)
    if wrong:
        return 1
    if not check:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    print(f"{len(texts)} files of vectors {'hold' if check else 'made'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
