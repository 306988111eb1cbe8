"""What somebody meets who opens an address for the first time."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect


@pytest.mark.parametrize("place", ["/", "/contacts/5?open=task-3"])
def test_every_address_opens_the_page(page: Page, place: str) -> None:
    answer = page.goto(place)
    assert answer is not None
    assert answer.status == 200
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_description_of_the_api_opens(page: Page) -> None:
    page.goto("/api/docs")
    expect(page.get_by_role("heading", name="crmtenant", exact=False).first).to_be_visible()
