"""A company with something in every table, its file, and one to import it into."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.functional.furnishing import furnish
from tests.functional.installation import Company
from tests.functional.transfer.archives import packed, rows_of, unpacked, with_rows


@pytest.fixture(scope="session")
def source(new_company: Callable[[str], Company]) -> Company:
    """A company with a row in every table, in the trash too."""
    company = new_company("Wellspring")
    furnish(company)
    ask = company.client()
    member = company.people["member"]
    ask.create(
        "/api/tasks",
        title="Of two",
        assignee_ids=[member, company.people["owner"]],
        due_at="2026-11-25T23:30:00+02:00",
    )
    late = ask.create("/api/contacts", kind="organization", name="Späte GmbH")["id"]
    ask.patch("/api/contacts/2", {"organization_id": late})
    ask.patch("/api/tasks/1", {"status": "done"})
    ask.post(
        "/api/contacts/bulk", {"create": [{"given_name": "B", "family_name": str(n)} for n in range(600)]}
    )
    return company


@pytest.fixture(scope="session")
def exported(source: Company) -> bytes:
    answer = source.client().get("/api/company/export")
    assert answer.status_int == 200
    assert answer.content_type == "application/zip"
    assert source.slug in answer.headers["Content-Disposition"]
    return bytes(answer.body)


@pytest.fixture(scope="session")
def exported_few(exported: bytes) -> bytes:
    """The same without the hundreds of people, for tests that import it again and again."""
    files = unpacked(exported)
    few = [row for row in rows_of(files, "contact") if row["given_name"] != "B"]
    return packed(with_rows(files, "contact", few))


@pytest.fixture(scope="session")
def target_for_all(new_company: Callable[[str], Company]) -> Company:
    return new_company("Target")


@pytest.fixture
def target(target_for_all: Company) -> Company:
    """A company with nothing in it."""
    target_for_all.empty()
    return target_for_all
