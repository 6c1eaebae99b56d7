"""tools/maintain/generate_registry.py as a module."""

from __future__ import annotations

import importlib.util
from functools import cache
from types import ModuleType

from support.vectors import ROOT


@cache
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "generate_registry", ROOT / "tools" / "maintain" / "generate_registry.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
