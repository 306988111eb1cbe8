"""What cannot be pressed yet says why and keeps the focus; tags are suggested in the page's own list."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Company


def test_tags_are_suggested_and_taken_by_keys(visit: Visit, company: Company) -> None:
    company.contact(name="Ben Cole", tags=["Customer", "Supplier"])
    anna = company.contact(name="Anna Berg")
    visitor = visit()
    page = visitor.sign_in(company.email, f"/contacts/{anna}")
    tags = page.get_by_role("combobox", name="Tags").first
    tags.press_sequentially("sup")
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options).to_have_text(["Supplier"])
    tags.press("Escape")
    expect(options).to_have_count(0)
    tags.press("ArrowDown")
    tags.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    tags.press("Enter")
    expect(page.get_by_role("button", name="Remove Supplier")).to_be_visible()
    tags.fill("brand new")
    tags.press("Enter")
    expect(page.get_by_role("button", name="Remove brand new")).to_be_visible()
    tags.press_sequentially("cus")
    options.first.click()
    expect(page.get_by_role("button", name="Remove Customer")).to_be_visible()
    visitor.wait_until_quiet(page)
    assert set(company.api("GET", f"/contacts/{anna}")["tags"]) == {"Supplier", "brand new", "Customer"}


def test_a_button_that_does_nothing_yet_says_why_and_can_be_reached(visit: Visit, company: Company) -> None:
    page = visit().sign_in(company.email, "/settings/profile")
    save = page.get_by_role("button", name="Save", exact=True)
    expect(save).to_have_accessible_description("There is nothing to save.")
    save.focus()
    expect(save).to_be_focused()
    changes: list[str] = []
    page.on("request", lambda sent: changes.append(sent.url) if sent.method == "PATCH" else None)
    save.press("Enter")
    save.click(force=True)
    page.get_by_label("Your name").press("Enter")
    page.get_by_label("Your name").fill("Ada Lovelace")
    expect(save).not_to_have_attribute("aria-disabled", "true")
    assert changes == []
    save.click()
    expect(page.get_by_text("Saved", exact=True).first).to_be_visible()
    assert len(changes) == 1


def test_a_phone_selects_only_once_it_is_asked_to(visit: Visit, company: Company) -> None:
    for name in ("Anna Berg", "Ben Cole"):
        company.contact(name=name)
    phone = visit(viewport={"width": 390, "height": 844}, has_touch=True)
    page = phone.sign_in(company.email, "/contacts")
    anna = page.get_by_role("row").filter(has_text="Anna Berg")
    checks = page.get_by_role("checkbox", name="Select Anna Berg")
    expect(anna).to_be_visible()
    expect(checks).to_have_count(0)
    page.get_by_role("button", name="Select several").click()
    expect(checks).to_be_visible()
    anna.click()
    expect(anna).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="Clear selection").click()
    expect(checks).to_have_count(0)
    # A long press begins it too.
    anna.dispatch_event("pointerdown", {"pointerType": "touch", "bubbles": True})
    expect(anna).to_have_attribute("aria-selected", "true")
    anna.dispatch_event("pointerup", {"pointerType": "touch", "bubbles": True})
    expect(checks).to_be_visible()
    page.get_by_role("button", name="Clear selection").click()
    anna.click()
    expect(page.get_by_role("heading", name="Anna Berg")).to_be_visible()
