import multiprocessing
import stat
from pathlib import Path

import pytest

from crmtenant.db.secrets.secret_file import read_secrets, read_stored, retire, rotate, stamp
from crmtenant.errors import OperatorError, SettingsError
from crmtenant.settings import GENERATE


def read_secret(configured: str, path: Path) -> str:
    return read_secrets(configured, path)[0]


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


def test_rotating_keeps_what_was_until_it_is_retired(tmp_path):
    path = tmp_path / "key"
    first = read_secret(GENERATE, path)
    before = stamp(path)
    rotate(path, lambda: 1000.9)
    assert stamp(path) != before
    new, old = read_secrets(GENERATE, path)
    assert (old, read_secret(GENERATE, path)) == (first, new)
    assert [kept.replaced_at for kept in read_stored(path)] == [None, 1000]
    assert path.stat().st_mode & 0o777 == 0o600
    rotate(path, lambda: 2000)
    with pytest.raises(OperatorError, match="valid for another 910 s"):
        retire(path, 910, lambda: 2000)
    assert len(read_secrets(GENERATE, path)) == 3
    assert retire(path, 910, lambda: 2910) == 2
    (left,) = read_secrets(GENERATE, path)
    assert left not in {new, old}
    assert retire(path, 910, lambda: 2910) == 0
    assert list(tmp_path.iterdir()) == [path]


def test_several_configured_secrets_are_separated_by_spaces(tmp_path):
    assert read_secrets(f"{'a' * 32}  {'b' * 32}", tmp_path / "key") == ("a" * 32, "b" * 32)


@pytest.mark.parametrize("text", [f"{'a' * 32} yesterday\n", f"{'a' * 32}\nshort 12\n", "\n"])
def test_a_damaged_file_is_refused(tmp_path, text):
    (tmp_path / "key").write_text(text)
    with pytest.raises(SettingsError):
        read_secrets(GENERATE, tmp_path / "key")


def test_two_who_rotate_at_once_lose_no_key(tmp_path):
    path = tmp_path / "key"
    first = read_secret(GENERATE, path)
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.map(rotate, [path] * 20)
    kept = read_secrets(GENERATE, path)
    assert len(set(kept)) == 21
    assert kept[-1] == first
