"""Who is in the demo company, and who of them has what to do."""

from __future__ import annotations

from crmtenant.demo.places import PLACES, Place
from crmtenant.demo.projects import WORKS, Work

COMPANY = "Northwind"
EMAIL = "demo@example.com"
"""The founder's address; `example.com` is nobody's."""
FOUNDER, MANAGER, WORKER, LOOKER = "founder", "manager", "worker", "looker"
"""The keys of the people of the demo company; the founder's it is, the last only looks."""
PEOPLE = (FOUNDER, MANAGER, WORKER, LOOKER)
WRITERS = (FOUNDER, MANAGER, WORKER)


def looks_after(place: Place) -> str:
    """Who the contacts of a country belong to."""
    return WRITERS[PLACES.index(place) % len(WRITERS)]


def team_of(work: Work) -> list[str]:
    """Who works on the project: its owner, and one to three others."""
    number = WORKS.index(work)
    owner = WRITERS[number % len(WRITERS)]
    others = [person for person in PEOPLE if person != owner]
    return [owner, *others[: 3 - number % 3]]
