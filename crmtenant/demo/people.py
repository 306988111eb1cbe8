"""The people of the demo company, and what each is responsible for."""

from __future__ import annotations

from crmtenant.demo.places import COUNTRIES, DemoCountry
from crmtenant.demo.projects import DEMO_PROJECTS, DemoProject

COMPANY = "Northwind"
EMAIL = "demo@example.com"
"""The founder's address; `example.com` is reserved."""
FOUNDER, MANAGER, WORKER, VIEWER = "founder", "manager", "worker", "viewer"
"""The keys of the people: the founder owns the company, the last may only read."""
PEOPLE = (FOUNDER, MANAGER, WORKER, VIEWER)
WRITERS = (FOUNDER, MANAGER, WORKER)


def contact_owner(country: DemoCountry) -> str:
    """Return who owns the contacts in a country."""
    return WRITERS[COUNTRIES.index(country) % len(WRITERS)]


def team_of(project: DemoProject) -> list[str]:
    """Return who works on the project: its owner first, then one to three others."""
    number = DEMO_PROJECTS.index(project)
    owner = WRITERS[number % len(WRITERS)]
    others = [person for person in PEOPLE if person != owner]
    return [owner, *others[: 3 - number % 3]]
