"""Private keys at rest, and the files of an operator: written whole, read up to a limit."""

from sealkit.keys.store import load_key, save_key

__all__ = ["load_key", "save_key"]
