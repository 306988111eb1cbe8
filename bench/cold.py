"""The first request to a company nobody was connected to, against a connection and a query by hand."""

from __future__ import annotations

from contextlib import closing

from bench.figures import Figure, at_most
from bench.ground import ground, peer_of
from bench.run import Run, median_ratio, ms, seconds
from crmtenant import make_app
from crmtenant.db.pool.reader import sql_of
from crmtenant.services.crm.contacts import CONTACT
from crmtenant.services.entities import listing

_FIRST_PAGE = listing.StatementShape(
    frozenset(), "updated_at", is_descending=True, is_continued=False, is_counted=False, limit=50
)


def measure(run: Run) -> list[Figure]:
    """In process; each company is cold once for us and once for the control, in alternating order."""
    count = 10 if run.is_quick else 50
    ours, raw = [], []
    text = sql_of(listing.page_statement(CONTACT, _FIRST_PAGE))
    with ground() as home:
        companies = [home.company() for _ in run.watched(range(count + 1), "cold: companies", count + 1)]
        app = make_app(home.platform)
        for number, company in enumerate(companies):
            address = home.address(company)
            home.platform.identity.access.forget_company(company.tenant_id)
            home.platform.databases.broker.forget(address)
            ask = peer_of(app, home.token(company))

            def by_hand(address: object = address) -> None:
                with closing(address.connect()) as connection, connection.cursor() as cursor:  # type: ignore[attr-defined]
                    cursor.execute(text)
                    cursor.fetchall()

            def through_us(ask: object = ask) -> None:
                status, body = ask("GET", "/api/contacts")  # type: ignore[operator]
                assert status == "200 OK", body

            pairs = [(by_hand, raw), (through_us, ours)]
            for action, times in pairs if number % 2 else reversed(pairs):
                times.append(seconds(action))
    # The first one also warms the catalog's connection and compiles the statements.
    ours, raw = ours[1:], raw[1:]
    seen = f"{ms(ours)} of {ms(raw)}, {count} companies"
    return [
        Figure("cold", "first request, of connect + query", median_ratio(ours, raw), "x", seen, at_most(1.6))
    ]
