"""Files that are no export of a company, or a damaged one."""

from __future__ import annotations

import io
import random
import zipfile

import pytest

from crmtenant.api.transfer import company_files
from tests.functional.installation import Company
from tests.functional.transfer.archives import Files, import_archive, is_untouched, unpacked, zipped


@pytest.mark.parametrize("name", ["data/task.jsonl", "people.json", "manifest.json", "contacts.csv"])
def test_a_missing_file_is_named(name: str, target: Company, exported: bytes) -> None:
    answer = import_archive(target, _packed_less(unpacked(exported), name))
    assert answer.status_int == 422
    assert name in answer.json["detail"]
    assert is_untouched(target)


def _packed_less(files: Files, name: str) -> bytes:
    return zipped({key: value for key, value in files.items() if key != name})


@pytest.mark.parametrize(
    "name",
    [
        "../etc/passwd",
        "/data/task.jsonl",
        "data\\task.jsonl",
        "data/../x",
        "attachments/x",
        "alembic_version",
    ],
)
def test_a_foreign_name_is_refused(name: str, target: Company, exported: bytes) -> None:
    answer = import_archive(target, zipped({**unpacked(exported), name: b"x"}))
    assert (answer.status_int, answer.json["errors"][0]["code"]) == (422, "unknown_file")


def test_a_name_that_is_there_twice_is_refused(target: Company, exported: bytes) -> None:
    packed = io.BytesIO(exported)
    with zipfile.ZipFile(packed, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("data/task.jsonl", b"")
    answer = import_archive(target, packed.getvalue())
    assert (answer.status_int, answer.json["errors"][0]["code"]) == (422, "duplicate_file")


def test_a_bomb_is_not_unpacked(target: Company, exported: bytes) -> None:
    answer = import_archive(target, zipped({**unpacked(exported), "contacts.csv": bytes(50 << 20)}))
    assert (answer.status_int, answer.json["code"]) == (413, "too_large")


def test_more_than_is_unpacked_is_refused(
    target: Company, exported: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(company_files, "UNPACKED", 0)
    answer = import_archive(target, exported)
    assert (answer.status_int, answer.json["code"]) == (413, "too_large")


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_is_refused(seed: int, target: Company, exported: bytes) -> None:
    chance = random.Random(seed)
    damaged = bytearray(exported)
    if seed % 4 == 0:
        del damaged[chance.randrange(len(damaged)) :]
    elif seed % 4 == 1:
        start = chance.randrange(len(damaged) - 64)
        damaged[start : start + 64] = chance.randbytes(64)
    elif seed % 4 == 2:
        start = chance.randrange(len(damaged))
        del damaged[start : start + 100]
    else:
        central = damaged.rindex(b"PK\x05\x06") - chance.randrange(1, 400)
        damaged[central : central + 8] = chance.randbytes(8)
    answer = import_archive(target, bytes(damaged))
    assert answer.status_int in {413, 422}, (seed, answer.text)
    assert answer.json["detail"]
    assert is_untouched(target)


@pytest.mark.parametrize("content", [b"", b"PK", b"[]", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_export_is_refused(content: bytes, target: Company) -> None:
    assert import_archive(target, content).status_int == 422
