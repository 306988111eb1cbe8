"""The schema revisions that a release serves."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crmtenant.db.schema import migrations
from crmtenant.db.schema.migrations import revisions, served_revisions

SAID = "\nis_served_without = True\n"


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The revisions' files, which may be changed; none of them can be done without yet."""
    shutil.copytree(migrations._SCRIPTS, tmp_path / "migrations")
    monkeypatch.setattr(migrations, "_SCRIPTS", tmp_path / "migrations")
    versions = tmp_path / "migrations" / "tenant" / "versions"
    for path in versions.glob("*.py"):
        path.write_text(path.read_text().replace(SAID, ""))
    return versions


def _say_so(versions: Path, revision: str) -> None:
    (path,) = versions.glob(f"{revision}_*.py")
    path.write_text(path.read_text() + SAID)


def test_what_the_newest_revisions_can_do_without_is_served_as_far_back_as_all_say_so(versions: Path) -> None:
    *_, third, second, newest = revisions("tenant")
    assert served_revisions.__wrapped__() == (newest,)
    _say_so(versions, second)
    assert served_revisions.__wrapped__() == (newest,)
    _say_so(versions, newest)
    assert served_revisions.__wrapped__() == (newest, second, third)


def test_nothing_is_before_the_first(versions: Path) -> None:
    for revision in revisions("tenant"):
        _say_so(versions, revision)
    assert served_revisions.__wrapped__() == revisions("tenant")[::-1]
