"""What holds of the HTML of every page: one main heading, no blocks inside phrases, a legend for every group."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Visit
from tests.e2e.people import Company
from tests.e2e.test_accessibility import AXE, PRIVATE, findings, open_whole

# The hidden description that Reka gives a dialog is a paragraph in a span.
FAULTS = """() => {
    const blocks = 'div, p, ul, ol, section, h1, h2, h3'
    const found = [...document.querySelectorAll(`:is(h1, h2, h3, h4, p, span, label, button) :is(${blocks})`)]
        .filter(one => !one.closest('[role=dialog]'))
        .map(one => `<${one.tagName} class="${one.className}"> in <${one.parentElement.tagName}>`)
    const headings = [...document.querySelectorAll('h1')].map(one => one.innerText)
    if (headings.length !== 1) found.push(`h1: ${headings.join(' | ')}`)
    const groups = document.querySelectorAll('fieldset:not(:has(> legend))')
    for (const group of groups) found.push(`no legend: ${group.outerHTML.slice(0, 80)}`)
    return [...new Set(found)]
}"""


def test_every_page_has_one_main_heading_and_blocks_where_they_belong(
    visit: Visit, furnished: Company
) -> None:
    visitor = visit(allows={404}, reduced_motion="reduce")
    visitor.sign_in(furnished.email)
    found: list[str] = []
    for path in PRIVATE:
        open_whole(visitor, path)
        found += [f"{path}: {fault}" for fault in visitor.page.evaluate(FAULTS)]
    assert not found, "\n".join(found)


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed (npm install in frontend)")
def test_axe_finds_nothing_in_the_documentation(visit: Visit) -> None:
    visitor = visit()
    visitor.page.goto("/api/docs")
    visitor.page.locator(".opblock-summary").first.wait_for(timeout=30_000)
    assert findings(visitor.page) == []
