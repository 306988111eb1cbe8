import multiprocessing
import stat
from pathlib import Path

import pytest

from crmtenant.db.keyfile import read_secret
from crmtenant.errors import SettingsError
from crmtenant.settings import GENERATE


def _read(path: str) -> str:
    return read_secret(GENERATE, Path(path))


def test_a_configured_secret_is_taken_as_it_is(tmp_path):
    assert read_secret("s" * 40, tmp_path / "key") == "s" * 40
    assert not list(tmp_path.iterdir())


def test_a_generated_secret_is_made_once_for_its_own_user_alone(tmp_path):
    path = tmp_path / "keys" / "role"
    secret = read_secret(GENERATE, path)
    assert len(bytes.fromhex(secret)) == 32
    assert read_secret(GENERATE, path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["role"]


def test_two_files_hold_two_secrets(tmp_path):
    assert read_secret(GENERATE, tmp_path / "one") != read_secret(GENERATE, tmp_path / "two")


def test_processes_that_start_together_end_up_with_the_same_secret(tmp_path):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        secrets = pool.map(_read, [str(tmp_path / "key")] * 32, chunksize=1)
    assert len(set(secrets)) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["key"]


def test_a_file_that_lost_its_secret_is_refused_not_replaced(tmp_path):
    path = tmp_path / "key"
    path.write_text("")
    with pytest.raises(SettingsError, match="does not hold a secret"):
        read_secret(GENERATE, path)
    assert path.read_text() == ""
