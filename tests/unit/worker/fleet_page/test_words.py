"""The page says everything in both languages."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from crmtenant.models.catalog.tables import TENANT_STATES
from crmtenant.schemas.tenants.job import JobStep
from crmtenant.services.monitoring.fleet_state import Drift
from crmtenant.services.tenants.company_jobs import KINDS
from crmtenant.worker.fleet_page.words import ENGLISH, GERMAN, size, words_for


def test_both_languages_say_the_same_with_the_same_values():
    assert ENGLISH.keys() == GERMAN.keys()
    for key, text in ENGLISH.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", GERMAN[key])), key
        assert GERMAN[key]


def test_there_are_words_for_everything_that_can_be():
    needed = {f"state_{state}" for state in TENANT_STATES}
    needed |= {f"drift_{drift}" for drift in get_args(Drift)}
    needed |= {f"work_{kind}" for kind in (*KINDS, "filling", "paused", "command")}
    needed |= {f"step_{step}" for step in get_args(JobStep)}
    assert needed <= ENGLISH.keys()


@pytest.mark.parametrize(
    ("preferred", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,en;q=0.8", "de"),
        ("fr,de;q=0.5", "de"),
        ("en;q=0.3,de;q=0.9", "de"),
        ("en,de", "en"),
        ("de;q=0", "en"),
        ("*", "en"),
        ("de;q=x;;,\x00", "en"),
    ],
)
def test_the_browser_says_which(preferred, language):
    assert words_for(preferred)["language"] == language


def test_numbers_are_written_as_the_language_does():
    assert size(8_930_000, ENGLISH) == "8.93 MB"
    assert size(8_930_000, GERMAN) == "8,93 MB"
