"""`python -m bench.page`: how heavy and how quick the page is, in Chromium; writes bench/PAGE.md.

Not ratios to a control, as everything else here: a browser has none. So the machine stands beside the numbers.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Response, sync_playwright
from rich.console import Console

from bench.figures import Figure, at_least, at_most, table
from bench.machine import description
from tests.e2e import server
from tests.e2e.people import Company, Visitor

ROWS, PORTION = 10_000, 1_000
RESULTS = Path(__file__).with_name("PAGE.md")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
ROW = "[role=row][data-index]"
SCROLL = """
async ([selector, seconds]) => {
  const scroller = document.querySelector(selector).closest('.overflow-auto')
  const times = []
  const began = performance.now()
  return new Promise(resolve => {
    const step = now => {
      times.push(now)
      scroller.scrollTop += 45
      if (now - began < seconds * 1000) requestAnimationFrame(step)
      else {
        const gaps = times.slice(1).map((time, index) => time - times[index]).sort((a, b) => a - b)
        resolve([1000 * gaps.length / (times.at(-1) - times[0]), gaps[Math.floor(gaps.length * 0.99)], scroller.scrollTop])
      }
    }
    requestAnimationFrame(step)
  })
}
"""


@contextmanager
def _running() -> Iterator[str]:
    """The address of a server that answers, while the frame lasts."""
    started = server.Server()
    try:
        server.wait_for(started.address, started.log)
        yield started.address
    finally:
        started.stop()


def main() -> None:
    """Measure, print the table and write it."""
    with _running() as address, sync_playwright() as playwright:
        company = _filled(address)
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        figures = [*_first_load(browser, address, company), *_scrolling(browser, address, company)]
        browser.close()
    Console().print(table(figures))
    lines = ["# The page, measured", "", *(f"- {line}" for line in description("18")), ""]
    lines += ["| what | goal | measured | met | seen |", "|---|---|---|---|---|"]
    lines += [f"| {' | '.join(figure.cells()[1:])} |" for figure in figures]
    RESULTS.write_text("\n".join(lines) + "\n")


def _filled(address: str) -> Company:
    company = Company(address, "Ten Thousand")
    for start in range(0, ROWS, PORTION):
        create = [
            {
                "given_name": f"Given{start + n}",
                "family_name": f"Family{(start + n) * 7919 % ROWS}",
                "emails": [{"value": f"person{start + n}@example.org"}],
                "phones": [{"value": f"030 {1_000_000 + start + n}"}],
                "addresses": [{"city": "Köln", "country": "DE"}],
                "tags": ["customer"],
            }
            for n in range(PORTION)
        ]
        company.api("POST", "/contacts/bulk", {"create": create})
    return company


def _first_load(browser: Browser, address: str, company: Company) -> list[Figure]:
    """Scripts and time from a cold browser to the first rows, several times."""
    visitor = Visitor(browser, address)
    visitor.sign_in(company.email, "/robots.txt")
    sizes: dict[str, int] = {}

    def weigh(response: Response) -> None:
        if response.url.endswith(".js"):
            sizes[response.url] = int(response.headers.get("content-length", 0))

    visitor.page.on("response", weigh)
    times = [_seconds_to_rows(visitor.page) for _ in range(5)]
    visitor.context.close()
    return [
        Figure("page", "scripts until the contacts are shown, gzip", sum(sizes.values()) / 1000, "kB",
               f"{len(sizes)} files", at_most(200)),
        Figure("page", f"contacts of {ROWS:,} visible, first time", times[0], "s", "empty cache", at_most(1)),
        Figure("page", f"contacts of {ROWS:,} visible, again", sorted(times[1:])[2], "s", "median", at_most(1)),
    ]  # fmt: skip


def _seconds_to_rows(page: Page) -> float:
    page.goto("/contacts", wait_until="commit")
    page.locator(ROW).first.wait_for()
    milliseconds: float = page.evaluate("performance.now()")
    return milliseconds / 1000


def _scrolling(browser: Browser, address: str, company: Company) -> list[Figure]:
    visitor = Visitor(browser, address)
    page = visitor.sign_in(company.email, "/contacts")
    page.locator(ROW).first.wait_for()
    per_second, slow, pixels = page.evaluate(SCROLL, [ROW, 8])
    visitor.context.close()
    seen = f"99 % within {slow:.0f} ms, {pixels:,.0f} px"
    return [Figure("page", f"frames a second, scrolling {ROWS:,} rows", per_second, "", seen, at_least(50))]


if __name__ == "__main__":
    main()
