"""What operators see of companies' use, and how they set quotas."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from crmtenant.models.catalog.usage import QUOTAS
from crmtenant.platform import Platform
from crmtenant.services.monitoring.usage import Use
from tests.functional.cli.conftest import Run
from tests.functional.installation import Company


@pytest.fixture
def without_quotas(platform: Platform, north: Company) -> Iterator[Company]:
    """North, which has no quotas afterwards either."""
    yield north
    platform.identity.quotas.set(north.id, {}, frozenset(QUOTAS))


def test_the_companies_that_use_most_are_listed_by_name(platform: Platform, north: Company, run: Run) -> None:
    platform.tenants.usage.count(north.id, Use(10**9, 3, 2, 1000, 2000, 10**7, 10**6))
    platform.tenants.usage.flush()
    for by in ("requests", "seconds", "database"):
        found = json.loads(run("company", "top", "--by", by, "--json").stdout)
        assert (found[0]["slug"], found[0]["id"]) == (north.slug, north.id)
        assert found[0]["requests"] >= 10**9
    assert run("company", "top", "--limit", "1").stdout.splitlines()[1].startswith(north.slug)
    assert "Nothing was counted" in run("company", "top", "--day", "2001-01-01").output
    run("company", "top", "--day", "yesterday", code=2)
    run("company", "top", "--by", "beauty", code=2)


def test_quotas_are_set_shown_and_dropped(without_quotas: Company, run: Run) -> None:
    slug = without_quotas.slug

    def limits(*arguments: str) -> dict[str, tuple[int | None, bool]]:
        answer = json.loads(run("company", "quota", slug, *arguments, "--json").stdout)
        assert answer["id"] == without_quotas.id
        return {one["kind"]: (one["limit"], one["is_own"]) for one in answer["quotas"]}

    nothing = {"bytes": (None, False), "rows": (None, False), "seats": (None, False)}
    assert limits() == nothing
    given = limits("--bytes", "5GB", "--rows", "1000", "--seats", "20")
    assert given == {"bytes": (5 * 10**9, True), "rows": (1000, True), "seats": (20, True)}
    assert limits("--rows", "none", "--seats", "default") == {
        **given,
        "rows": (None, True),
        "seats": (None, False),
    }
    assert limits("--none") == {"bytes": (None, True), "rows": (None, True), "seats": (None, True)}
    assert limits("--bytes", "default", "--rows", "default", "--seats", "default") == nothing
    shown = run("company", "quota", slug, "--seats", "5").stdout
    assert " %" in shown
    assert "no limit" in shown
    for wrong in (
        ["--bytes", "5"],
        ["--bytes", "5 GB"],
        ["--seats", "0"],
        ["--rows", "-1"],
        ["--none", "--rows", "1"],
    ):
        run("company", "quota", slug, *wrong, code=2)
    assert "There is no company nobody" in run("company", "quota", "nobody", code=1).output
