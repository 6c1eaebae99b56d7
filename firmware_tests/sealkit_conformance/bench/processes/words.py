"""The rig's requests, taken apart, for whoever answers them (protocol/RIG.md)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Final

from sealkit.errors import SealkitError

LINE_MAX: Final = 1_024
Action = Callable[[list[str]], str | None]
"""Takes the words after the request's name; gives the values of the answer, if it has any."""


class NotDone(Exception):
    """What is answered with ERR: a code of RIG.md, and words."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(f"{code} {words}")


class Lines(ABC):
    """Bytes in, bytes out: an answer to each whole line."""

    def __init__(self) -> None:
        self._rest = b""

    def receive(self, data: bytes) -> bytes:
        """The answers to the lines that `data` completes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-LINE_MAX:]
        return b"".join(self._answer(line) for line in lines)

    @abstractmethod
    def _answer(self, line: bytes) -> bytes:
        """The answer, with its line's end, to a line without it."""


class LineServer(Lines):
    """Lines to actions, by their first two words or the first alone."""

    def __init__(self, actions: Mapping[str, Action]) -> None:
        super().__init__()
        self._actions = actions

    def _answer(self, line: bytes) -> bytes:
        words = line.decode("ascii", "replace").strip().split(" ")
        try:
            for length in (2, 1):
                action = self._actions.get(" ".join(words[:length]))
                if action is not None and len(words) >= length:
                    return f"OK {action(words[length:]) or ''}".rstrip().encode() + b"\n"
            raise NotDone("UNKNOWN", "no such request")
        except NotDone as error:
            return f"ERR {error}\n".encode()
        except SealkitError as error:
            return f"ERR FAILED {error.code}\n".encode()


def number(words: list[str], least: int, most: int) -> int:
    """The only word, as a whole number within bounds."""
    try:
        (word,) = words
        value = int(word)
    except ValueError:
        raise NotDone("VALUE", "one whole number") from None
    if not least <= value <= most:
        raise NotDone("VALUE", f"from {least} to {most}")
    return value


def octets(word: str, length: int | None = None) -> bytes:
    """Bytes written in hex."""
    try:
        data = bytes.fromhex(word)
    except ValueError:
        raise NotDone("VALUE", "bytes in hex") from None
    if length is not None and len(data) != length:
        raise NotDone("VALUE", f"{length} bytes")
    return data
