"""A company of many contacts, made by one statement: a few thousand people, each of them with namesakes.

What tells namesakes apart is made in SQL: address, number, what they are found by, when they were changed last.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, text

from bench.contacts import contact
from bench.ground import Ground
from crmtenant.clock import now
from crmtenant.db.admin.connection import Administration, administering
from crmtenant.models.tenant.contact import Contact
from crmtenant.schemas.base import load
from crmtenant.schemas.crm.contact import ContactDraft
from crmtenant.services.tenants.registration import Registered

PEOPLE = 2000

_GIVEN = (
    "Anna", "Björn", "Chiara", "Dmitri", "Eduardo", "Fatima", "Grace", "Håkon", "Ivana", "Jürgen",
    "Katharina", "Lars", "Marie-Claire", "Nikolai", "Olga", "Paula", "Quentin", "Rebecca", "Stefan",
    "Theresa", "Ulrike", "Viktor", "Wiebke", "Xenia", "Yusuf", "Zoë", "Alexander", "Beatrix", "Carlos",
    "Désirée",
)  # fmt: skip
_FAMILY = (
    "Berg", "Novák", "Rossi", "Sørensen", "García", "Yılmaz", "O'Neill", "Schmidt", "Dubois", "Costa",
    "Müller", "Hoffmann", "Kowalczyk", "Lindqvist", "Weiß", "Papadopoulos", "Zimmermann", "Ferreira",
    "Ivanova", "Jankowski", "Keller", "Lehmann", "Moreau", "Nielsen", "Ortega", "Petrov", "Richter",
    "Santos", "Tanaka", "Ullmann", "Vogel", "Wagner", "Xu", "Young", "Zhang", "Bergmann", "Baumgartner",
    "Oberberg", "Aalto", "Eriksen",
)  # fmt: skip
_CITIES = (
    "Berlin",
    "Hamburg",
    "Wien",
    "Zürich",
    "Lyon",
    "Kraków",
    "Porto",
    "Göteborg",
    "Bergen",
    "Köln",
    "Graz",
)
_TAGS = 150
_NOTE = "Met at the fair in Hannover; wants an offer before the end of the quarter."

# What each has of its own; all other columns are those of the person whose namesake it is.
_OWN = {
    "emails": "jsonb_build_array(base.emails->0 || jsonb_build_object('value', email))",
    "email_keys": "ARRAY[email]",
    "phones": "jsonb_build_array(base.phones->0 || jsonb_build_object('value', '+49 ' || area || ' ' || rest,"
    " 'e164', '+49' || area || rest))",
    "phone_keys": "ARRAY['+49' || area || rest, '49' || area || rest]",
    "updated_at": "base.updated_at - (base.id * 977 + copy * 7919) % 31536000 * interval '1 second'",
    "search": "base.search || array_to_tsvector(ARRAY[copy::text, area, rest, '0' || area, '^' || left(rest, 2),"
    " '49' || area || rest, '0' || area || rest, '-' || reverse('49' || area || rest), '-' || reverse('0' || area || rest),"
    " left('49' || area, 3), left('49' || area, 4), '49' || area, '49' || area || left(rest, 1),"
    " left('0' || area, 3), '0' || area || left(rest, 1), '0' || area || left(rest, 2)])",
}
_COPYING = """
    INSERT INTO contact ({columns})
    SELECT {values}
    FROM contact AS base
    CROSS JOIN generate_series(1, :copies) AS copy
    CROSS JOIN LATERAL (SELECT (base.id * :copies + copy) * 48271 AS number) AS numbered
    CROSS JOIN LATERAL (
        SELECT (ARRAY['151', '160', '170', '171', '172', '175', '176', '179'])[1 + number % 8] AS area,
            lpad((number / 8 % 10000000)::text, 7, '0') AS rest,
            replace(base.email_keys[1], '@', '.' || copy || '@') AS email
    ) AS own
"""


def fill(home: Ground, company: Registered, count: int) -> None:
    """Give the company this many contacts, a multiple of 2,000."""
    address = home.address(company)
    names = [column.name for column in Contact.__table__.columns if column.name != "id"]
    copying = _COPYING.format(
        columns=", ".join(names), values=", ".join(_OWN.get(name, f"base.{name}") for name in names)
    )
    with administering(home.platform._server.address.admin(address.database)) as admin:
        with _without_indexes(admin), home.platform.databases.broker.begin(address) as session:
            session.execute(text("SET LOCAL statement_timeout = 0"))
            session.execute(insert(Contact), [_person(number, company) for number in range(PEOPLE)])
            session.execute(text(copying), {"copies": count // PEOPLE - 1})
        # Autovacuum does this by itself; the company's role may not.
        admin.run("VACUUM ANALYZE contact")


@contextmanager
def _without_indexes(admin: Administration) -> Iterator[None]:
    """Make the indexes of contacts anew at the end, which takes a tenth of the time of keeping them."""
    indexes = admin.rows(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'contact' AND indexname <> 'pk_contact'"
    )
    for name, _ in indexes:
        admin.run(f"DROP INDEX {name}")
    yield
    admin.run("SET statement_timeout = 0; SET maintenance_work_mem = '512MB'")
    for _, definition in indexes:
        admin.run(definition)


def _person(number: int, company: Registered) -> dict[str, Any]:
    plain, family = contact(number), _FAMILY[number * 7 % len(_FAMILY)]
    own = {
        "given_name": _GIVEN[number % len(_GIVEN)],
        "family_name": family,
        "emails": [
            {
                "label": "work",
                "value": f"{family.lower().replace(chr(39), '')}{number}@example{number % 90}.com",
            }
        ],
        "addresses": [{**plain["addresses"][0], "city": _CITIES[number % len(_CITIES)]}],
        "tags": [f"tag {number * number % _TAGS}", plain["tags"][0], f"source {number % 12}"],
        "note": _NOTE if number % 3 else None,
    }
    moment = now() - timedelta(seconds=number)
    written = {
        "created_by": company.user_id,
        "updated_by": company.user_id,
        "created_at": moment,
        "updated_at": moment,
    }
    return load(ContactDraft, {**plain, **own}).columns() | written
