"""The map of the house names places that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = re.compile(
    r"\b(?:api|cli|db|demo|formats|models|platform|resources|schemas|security|services|serving|text|worker)/[\w/]+\.py"
)
PAGE = re.compile(r"(?<![\w/])(?:api|pages|session|shared|shell)/[\w/]+\.(?:ts|vue)")
PLACEHOLDERS = {"deal", "deals", "NOUN", "NAME"}


@pytest.mark.parametrize(("pattern", "home"), [(ROOMS, "crmtenant"), (PAGE, "frontend/src")])
def test_every_file_the_map_names_exists(pattern: re.Pattern[str], home: str) -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").replace("\\", "")
    named = {path for path in pattern.findall(text) if Path(path).stem not in PLACEHOLDERS}
    assert named, "the map names files"
    assert [path for path in sorted(named) if not (ROOT / home / path).exists()] == []
