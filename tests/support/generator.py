"""tools/maintain/generate_registry.py as a module."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from types import ModuleType

from support.vectors import ROOT

_MAINTAIN = ROOT / "tools" / "maintain"


@cache
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "generate_registry", _MAINTAIN / "generate_registry.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(_MAINTAIN))  # where it has what it imports, as when it is run
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(_MAINTAIN))
    return module
