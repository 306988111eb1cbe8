"""The second control: contacts listed the way most applications do it. `python -m bench.naive PORT`.

ORM entities, a Session for each request joined to pyramid_tm by zope.sqlalchemy, Pyramid's own JSON renderer,
a token verified at each request. It knows a single company, so it saves the look-up in the catalog that we do.
Where its database is, it reads from the environment.
"""

from __future__ import annotations

import os
import sys
from datetime import date, datetime
from typing import Any

import jwt
import zope.sqlalchemy
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPUnauthorized
from pyramid.renderers import JSON
from sqlalchemy import create_engine, select
from sqlalchemy.engine import URL
from sqlalchemy.orm import sessionmaker

from bench.bare import serve
from crmtenant.models.tenant.contact import Contact
from crmtenant.services.crm.contacts import CONTACT

SECRET = "only for measuring, and of some length"


def token() -> str:
    """What a request has to carry."""
    return jwt.encode({"sub": "somebody"}, SECRET, "HS256")


def list_contacts(request: Any) -> dict[str, Any]:
    """The first page of 50."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or jwt.decode(given, SECRET, ["HS256"])["sub"] != "somebody":
        raise HTTPUnauthorized
    live = select(Contact).where(Contact.deleted_at.is_(None))
    found = request.dbsession.scalars(live.order_by(Contact.updated_at.desc(), Contact.id.desc()).limit(50))
    return {"items": [{name: getattr(row, name) for name in CONTACT.fields} for row in found]}


def _renderer() -> JSON:
    renderer = JSON()
    renderer.add_adapter(datetime, lambda value, _: value.isoformat())
    renderer.add_adapter(date, lambda value, _: value.isoformat())
    return renderer


def make_app(url: URL) -> Any:
    """The application over one database."""
    factory = sessionmaker(create_engine(url))

    def session_of(request: Any) -> Any:
        session = factory()
        zope.sqlalchemy.register(session, transaction_manager=request.tm)
        return session

    config = Configurator(settings={"tm.manager_hook": "pyramid_tm.explicit_manager"})
    config.include("pyramid_tm")
    config.add_request_method(session_of, "dbsession", reify=True)
    config.add_renderer("json", _renderer())
    config.add_route("contacts", "/api/contacts")
    config.add_view(list_contacts, route_name="contacts", renderer="json")
    return config.make_wsgi_app()


def environment(address: Any) -> dict[str, str]:
    """How a process is told where its database is."""
    return {
        "BENCH_HOST": address.host,
        "BENCH_PORT": str(address.port),
        "BENCH_DATABASE": address.database,
        "BENCH_USER": address.user,
        "BENCH_PASSWORD": address.derived.newest(address.user),
    }


def _url() -> URL:
    return URL.create(
        "postgresql+psycopg2",
        username=os.environ["BENCH_USER"],
        password=os.environ["BENCH_PASSWORD"],
        database=os.environ["BENCH_DATABASE"],
        query={"host": os.environ["BENCH_HOST"], "port": os.environ["BENCH_PORT"]},
    )


if __name__ == "__main__":
    serve(make_app(_url()), sys.argv[1])
