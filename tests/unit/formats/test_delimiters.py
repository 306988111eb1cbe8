"""Server and page take the same delimiter: frontend/src/imports/files.test.ts reads the same examples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crmtenant.formats.csv.delimiters import delimiter_for

EXAMPLES = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "delimiters.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: f"{example['language']}-{example['country']}"
)
def test_a_spreadsheet_splits_at_what_its_region_does(example: dict[str, str | None]) -> None:
    assert delimiter_for(example["language"], example["country"]) == example["delimiter"]
