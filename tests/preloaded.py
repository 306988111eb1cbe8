"""Imports everything that serving, the commands, the shell and processes under test need; see `tests.forks`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from crmtenant import make_inspection_app
from tests.functional.installation import settings_for

for name in ("crmtenant.cli", "crmtenant.pshell", "crmtenant.worker", "tests.integration.killing"):
    import_module(name)
# Half of the application is imported when the first one is made.
make_inspection_app(settings_for(Path("nowhere")))
