"""When the embedded server takes ballast on, and throws it off."""

from __future__ import annotations

from pathlib import Path

from crmtenant.db.embedded.disk import Disk
from tests.small_disk import MEGABYTE, fill, small_disk


def test_ballast_is_taken_where_there_is_plenty_of_room_and_thrown_off_where_there_is_none() -> None:
    with small_disk(32 * MEGABYTE) as directory:
        cluster, ballast = directory / "postgres", directory / "ballast"
        cluster.mkdir()
        Disk(cluster, 32 * MEGABYTE).take_ballast()
        Disk(cluster, 0).take_ballast()
        assert not ballast.exists()
        disk = Disk(cluster, 4 * MEGABYTE)
        disk.take_ballast()
        disk.make_room()
        assert ballast.stat().st_size == 2 * MEGABYTE
        fill(directory / "filler")
        assert disk.free_bytes() == 0
        disk.make_room()
        assert disk.free_bytes() == 2 * MEGABYTE
        disk.take_ballast()
        assert not ballast.exists()


def test_no_ballast_on_another_disk(tmp_path: Path) -> None:
    with small_disk(32 * MEGABYTE) as directory:
        (tmp_path / "postgres").symlink_to(directory)
        Disk(tmp_path / "postgres", 4 * MEGABYTE).take_ballast()
    assert not (tmp_path / "ballast").exists()
