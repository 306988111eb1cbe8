"""The secret that backups are sealed with: made once, rotated, and missed when it is gone."""

from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from crmtenant.cli import main
from crmtenant.cli.root import Context
from crmtenant.errors import OperatorError
from crmtenant.platform.backup_secret import BACKUP_FILE, seal_of
from crmtenant.services.backups.manifests import read_manifest, write_manifest


@pytest.fixture
def settings(tmp_path, operations):
    directory = operations.backups.directory
    return SimpleNamespace(backup_secret="generate", data_dir=tmp_path / "data", backup_dir=directory)


def rotate(settings, monkeypatch):
    monkeypatch.setattr(Context, "journalled_settings", lambda _: settings)
    result = CliRunner().invoke(main, ["secrets", "rotate", "--backups"])
    assert result.exit_code == 0, result.output
    return result.output


def test_backups_made_before_a_rotation_are_known_afterwards(settings, saved, monkeypatch):
    manifest = read_manifest(saved, None)
    saved.unlink()
    seal = seal_of(settings)
    write_manifest(saved.with_suffix(""), manifest, seal)
    assert "those sealed before are still known" in rotate(settings, monkeypatch)
    assert read_manifest(saved, seal) == read_manifest(saved, seal_of(settings)) == manifest
    assert len((settings.data_dir / BACKUP_FILE).read_text().split("\n")) == 3
    assert seal.of(b"x") == seal_of(settings).of(b"x")


def test_one_from_outside_is_not_changed_and_the_steps_are_told(settings, monkeypatch):
    settings.backup_secret = "o" * 32
    assert "in front of the current one" in rotate(settings, monkeypatch)
    assert not settings.data_dir.exists()


def test_a_secret_that_is_gone_is_not_made_anew_while_backups_need_it(settings, saved, monkeypatch):
    with pytest.raises(OperatorError, match=r"backup-secret is missing, .* put it back.*--trust-foreign"):
        seal_of(settings)
    assert not settings.data_dir.exists()
    rotate(settings, monkeypatch)
    seal_of(settings)


def test_backups_of_releases_without_seals_need_none(settings, saved):
    manifest = read_manifest(saved, None)
    saved.unlink()
    write_manifest(saved.with_suffix(""), manifest, SimpleNamespace(of=lambda _: ""))
    seal_of(settings)
    assert (settings.data_dir / BACKUP_FILE).exists()
