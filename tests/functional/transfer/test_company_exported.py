"""`crmtenant company export`: the file an operator hands over, of a suspended company too."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from crmtenant.cli import main
from crmtenant.cli.root import Context
from crmtenant.db.admin.connection import administering
from crmtenant.db.admin.statements import set_label
from crmtenant.db.pool.label import Label
from crmtenant.db.pool.snapshot import Snapshot
from crmtenant.models.catalog.tables import Tenant
from crmtenant.platform import Platform
from tests.functional.furnishing import furnish
from tests.functional.installation import Company

Export = Callable[..., Result]


@pytest.fixture
def export(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Export:
    @contextmanager
    def opened(_: Context) -> Iterator[Platform]:
        yield platform

    monkeypatch.setattr(Context, "platform", opened)

    def run(company: Company, path: Path, code: int = 0) -> Result:
        result = CliRunner().invoke(main, ["company", "export", company.slug, "--to", str(path), "--json"])
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return run


@pytest.fixture(scope="module")
def furnished(new_company: Callable[[str], Company]) -> Company:
    company = new_company("Handover")
    furnish(company)
    return company


@pytest.fixture
def suspended(furnished: Company) -> Iterator[Company]:
    furnished.platform.operations.lifecycle.suspend(furnished.id)
    yield furnished
    furnished.platform.operations.lifecycle.resume(furnished.id)


def _tables(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "manifest.json"}


def test_a_suspended_company_is_exported_as_it_was_and_stays_suspended(
    export: Export, furnished: Company, tmp_path: Path
) -> None:
    in_use, out_of_use = tmp_path / "in-use.zip", tmp_path / "out-of-use.zip"
    export(furnished, in_use)
    lifecycle = furnished.platform.operations.lifecycle
    lifecycle.suspend(furnished.id)
    try:
        manifest = json.loads(export(furnished, out_of_use).stdout)
        assert manifest["files"]["data/contact.jsonl"]["rows"] == 3
        with pytest.raises(psycopg2.OperationalError):
            furnished.address.connect()
        answer = furnished.client().get("/api/contacts")
        assert (answer.status_int, answer.json["code"]) == (403, "tenant_suspended")
    finally:
        lifecycle.resume(furnished.id)
    assert _tables(out_of_use) == _tables(in_use)
    assert furnished.client().get("/api/contacts").status_int == 200


def test_a_suspended_company_is_read_with_the_rights_of_its_databases_owner_alone(suspended: Company) -> None:
    platform = suspended.platform
    names = platform.operations.servers.names
    address = platform.operations.servers.home.address.admin(suspended.address.database)
    asked = text("SELECT current_user::text, current_setting('transaction_read_only')")
    with closing(Snapshot(platform.databases.broker, address, role=names.owner)) as snapshot:
        assert snapshot.row(asked) == (names.owner, "on")
    with closing(Snapshot(platform.databases.broker, address)) as snapshot:
        assert snapshot.row(asked) == (address.user, "on")


def test_a_company_that_is_to_be_deleted_is_not_exported(
    export: Export, new_company: Callable[[str], Company], tmp_path: Path
) -> None:
    leaving = new_company("Leaving")
    leaving.platform.operations.lifecycle.delete(leaving.id)
    assert "only an active or suspended company" in export(leaving, tmp_path / "no.zip", code=1).output
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_not_overwritten(export: Export, furnished: Company, tmp_path: Path) -> None:
    path = tmp_path / "there.zip"
    path.write_bytes(b"mine")
    assert "already exists" in export(furnished, path, code=1).output
    assert path.read_bytes() == b"mine"


def test_a_company_of_an_earlier_schema_is_to_be_migrated_first(
    export: Export, new_company: Callable[[str], Company], tmp_path: Path
) -> None:
    behind = new_company("Behind")
    with behind.platform.databases.catalog.begin() as session:
        session.get_one(Tenant, behind.id).schema_revision = "0001"
    output = export(behind, tmp_path / "no.zip", code=1).output
    assert "is at schema revision 0001" in output
    assert "crmtenant migrate --company behind" in output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("is_suspended", [False, True])
def test_a_database_that_says_it_is_another_companys_is_not_exported(
    export: Export, new_company: Callable[[str], Company], tmp_path: Path, *, is_suspended: bool
) -> None:
    company = new_company(f"Mistaken {is_suspended}")
    operations, address = company.platform.operations, company.address
    if is_suspended:
        operations.lifecycle.suspend(company.id)
    with administering(operations.servers.home.address.admin()) as admin:
        set_label(admin, address.database, Label("c_another", 9, "active"))
    company.platform.databases.broker.forget(address)
    path = tmp_path / "mistaken.zip"
    said = export(company, path, code=1).output
    assert "another" in said
    assert list(tmp_path.iterdir()) == []
