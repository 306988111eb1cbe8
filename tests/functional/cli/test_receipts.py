"""Deletion receipts: what they say, and that customers can verify them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import update

from crmtenant.cli import root
from crmtenant.models.catalog.deletion_receipt import DeletionReceipt
from crmtenant.platform import RECEIPT_FILE, Platform
from crmtenant.services.backups.receipts import Receipts
from tests.docs_blocks import block
from tests.functional.cli.conftest import Run
from tests.functional.installation import Company


@pytest.fixture(scope="module")
def purged(platform: Platform, new_company: Callable[[str], Company]) -> Company:
    """A company that was purged, with a last backup."""
    company = new_company("Südwind & Co.")
    lifecycle = platform.operations.lifecycle
    lifecycle.delete(company.id, timedelta(0))
    lifecycle.purge(company.id, by="operator anna")
    return company


@pytest.fixture
def exported(purged: Company, run: Run, tmp_path: Path) -> Path:
    file = tmp_path / "receipt.json"
    run("receipts", purged.slug, "--export", str(file))
    return file


@pytest.fixture
def pem(run: Run, tmp_path: Path) -> Path:
    file = tmp_path / "receipts.pem"
    file.write_text(run("receipts", "key").stdout)
    return file


def test_a_receipt_says_what_when_by_whom_and_of_which_backup(purged: Company, run: Run) -> None:
    (signed,) = json.loads(run("receipts", purged.id, "--json").stdout)
    receipt = signed["receipt"]
    company, backup = receipt["company"], receipt["last_backup"]
    assert (company["id"], company["slug"], company["name"]) == (purged.id, purged.slug, "Südwind & Co.")
    assert (receipt["purged_by"], receipt["logins_deleted"]) == ("operator anna", 4)
    assert backup["file"].startswith(f"{purged.slug}-")
    assert "/" not in backup["file"]
    assert len(backup["sha256"]) == 64
    moments = [
        datetime.fromisoformat(at) for at in (receipt["purged_at"], backup["all_backups_deleted_after"])
    ]
    assert moments[1] - moments[0] == timedelta(days=30)
    assert any("backups of the catalog" in one for one in receipt["remains"])
    shown = run("receipts").stdout
    assert all(part in shown for part in (purged.slug, "operator anna", backup["file"], "Südwind & Co."))
    assert "No company nobody was purged" in run("receipts", "nobody", code=1).output


def test_the_customer_verifies_it_without_a_catalog_or_settings(
    exported: Path, pem: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(root, "Platform", SimpleNamespace(open=None))
    shown = run("receipts", "verify", str(exported)).stdout
    assert "The signature is valid" in shown
    monkeypatch.setattr(root.Context, "settings", None)
    shown = run("receipts", "verify", str(exported), "--key", str(pem)).stdout
    assert "Südwind & Co." in shown
    assert json.loads(run("receipts", "verify", str(exported), "--key", str(pem), "--json").stdout)[
        "is_valid"
    ]


@pytest.mark.skipif(
    not (shutil.which("openssl") and shutil.which("jq")), reason="there is no openssl or no jq here"
)
def test_openssl_verifies_it_as_documented(exported: Path, pem: Path, tmp_path: Path) -> None:
    assert {exported.name, pem.name} == {"receipt.json", "receipts.pem"}
    text = block("Verifying a receipt without crmtenant", "bash").text
    shell = ["bash", "-e", "-o", "pipefail", "-c", text]
    done = subprocess.run(shell, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "Signature Verified Successfully\n"), done.stderr


def _changed(signed: Any) -> list[dict[str, Any]]:
    receipt = signed["receipt"]
    return [
        {**signed, "receipt": {**receipt, "logins_deleted": 3}},
        {**signed, "receipt": {**receipt, "company": {**receipt["company"], "name": "Another"}}},
        {**signed, "receipt": {name: value for name, value in receipt.items() if name != "remains"}},
        {**signed, "receipt": {**receipt, "added": True}},
        {**signed, "signature": "A" * 86 + "=="},
    ]


def test_a_changed_receipt_is_refused(exported: Path, run: Run, tmp_path: Path) -> None:
    for changed in _changed(json.loads(exported.read_bytes())):
        file = tmp_path / "changed.json"
        file.write_text(json.dumps(changed))
        assert "is not signed with this key" in run("receipts", "verify", str(file), code=1).output


def test_a_key_in_the_receipt_itself_is_not_believed(
    purged: Company, exported: Path, pem: Path, run: Run, platform: Platform, tmp_path: Path
) -> None:
    forger = SimpleNamespace(secrets=lambda **_: ("f" * 32,))
    (forged,) = Receipts(
        platform.databases.catalog, forger, platform.settings.backup_dir, platform.settings.public_url
    ).signed(purged.id)  # type: ignore[arg-type]
    assert forged["public_key"] != json.loads(exported.read_bytes())["public_key"]
    file = tmp_path / "forged.json"
    file.write_text(json.dumps(forged))
    assert "not signed with this key" in run("receipts", "verify", str(file), code=1).output
    assert (
        "not signed with this key" in run("receipts", "verify", str(file), "--key", str(pem), code=1).output
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'"text"',
        b'{"receipt": [], "signature": ""}',
        b'{"receipt": {"format": 1}, "signature": "?"}',
        b'{"receipt": {"format": 1}}',
        b'{"signature": "", "receipt": {"format": 1, "deep": ' + b"[" * 900 + b"]" * 900 + b"}}",
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_what_is_no_receipt_is_told_in_a_sentence(
    content: bytes, run: Run, pem: Path, tmp_path: Path
) -> None:
    file = tmp_path / "any.json"
    file.write_bytes(content)
    assert "is no receipt" in run("receipts", "verify", str(file), code=1).output
    assert (
        "holds no Ed25519 public key"
        in run("receipts", "verify", str(pem), "--key", str(file), code=1).output
    )


def test_older_receipts_are_known_after_the_key_was_changed(
    exported: Path, pem: Path, run: Run, platform: Platform
) -> None:
    secret = platform.settings.data_dir / RECEIPT_FILE
    before = secret.read_text()
    try:
        run("secrets", "rotate", "--receipts")
        assert run("receipts", "key").stdout.endswith(pem.read_text())
        assert run("receipts", "key").stdout != pem.read_text()
        run("receipts", "verify", str(exported))
    finally:
        secret.write_text(before)


def test_backups_kept_elsewhere_are_not_said_to_go(purged: Company, run: Run, platform: Platform) -> None:
    file = _set_backup_file(platform, purged, "/mnt/offsite/x.json")
    try:
        (signed,) = json.loads(run("receipts", purged.slug, "--json").stdout)
        assert signed["receipt"]["last_backup"]["all_backups_deleted_after"] is None
        _set_backup_file(platform, purged, None)
        assert "none was proven" in run("receipts", purged.slug).stdout
    finally:
        _set_backup_file(platform, purged, file)


def _set_backup_file(platform: Platform, company: Company, file: str | None) -> str | None:
    with platform.databases.catalog.begin() as session:
        before = session.get_one(DeletionReceipt, company.id).last_backup_file
        session.execute(
            update(DeletionReceipt)
            .where(DeletionReceipt.tenant_id == company.id)
            .values(last_backup_file=file)
        )
    return before


def test_a_file_that_is_there_is_not_written_over(purged: Company, exported: Path, run: Run) -> None:
    before = exported.read_bytes()
    assert "exists" in run("receipts", purged.slug, "--export", str(exported), code=1).output
    assert exported.read_bytes() == before
    run("receipts", "--export", str(exported), code=2)
