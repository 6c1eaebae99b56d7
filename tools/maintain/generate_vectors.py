"""Make the vectors of protocol/vectors anew, or check those that are there.

python tools/maintain/generate_vectors.py    makes them anew (signatures, so bytes, differ)

--complete keeps the signatures of the book and signs only what is new. --check makes them again by
the book, compares byte for byte, and lets openssl judge each signature.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from vectors import frames, messages, orders, parameters, records, signatures, verdicts, witness
from vectors.crypto import CURVES, Suite
from vectors.family import Family, make_credentials, make_trust

VECTORS = Path(__file__).resolve().parents[2] / "protocol" / "vectors"
BOOK = "made.json"


def text_of(made: dict[str, Any]) -> str:
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def files_of(suite: Suite) -> dict[str, dict[str, Any]]:
    """Every file of one suite; the book last, when all signatures are in it."""
    family = Family(suite)
    files = {
        "signatures.json": signatures.make(suite),
        "credentials.json": make_credentials(family),
        "trust.json": make_trust(family),
        "messages.json": messages.make(family),
        "parameters.json": parameters.make(family),
        "records.json": records.make(family),
        "orders.json": orders.make(family),
        "evidence.json": verdicts.make_evidence(family),
        "exports.json": verdicts.make_exports(family),
        "witness.json": witness.make(family),
    }
    return {**files, BOOK: dict(suite.made)}


def all_files(by_the_book: bool, completing: bool) -> tuple[dict[Path, str], list[str]]:
    """The text of every file, and what openssl sees otherwise."""
    texts = {VECTORS / "frames.json": text_of(frames.make())}
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
