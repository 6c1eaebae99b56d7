"""The Chinese of the command's fixed texts and of error codes.

Statuses and findings have theirs in the registry.
"""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "Passphrase of {}": "{} 的口令",
    "New passphrase for {}": "为 {} 设置新口令",
}

ERRORS: Final[dict[str, tuple[str, str]]] = {
    "USAGE": ("命令用法有误", "请查看该命令的 --help。"),
}
