"""What the metrics contain, and what they do not."""

from __future__ import annotations

import dataclasses
import socket
import urllib.request

import pytest
from webtest import TestApp

from crmtenant import make_app
from crmtenant.db.embedded.open_server import Server
from crmtenant.errors import OperatorError
from crmtenant.platform import Platform
from crmtenant.worker.metrics_exporter import MetricsExporter
from tests.functional.installation import Company


def test_requests_and_figures_are_told_without_naming_anybody(platform: Platform, north: Company) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = dataclasses.replace(platform.settings, metrics_listen=f"127.0.0.1:{port}")
    own = Platform(settings, Server(platform._server.address, lambda: None))
    exposing = MetricsExporter(own, f"127.0.0.1:{port}")
    exposing.start()
    try:
        with pytest.raises(OperatorError, match="cannot listen"):
            MetricsExporter(own, f"127.0.0.1:{port}").start()
        app = TestApp(make_app(own), extra_environ={"HTTP_HOST": "localhost"})
        client = north.client(app=app)
        assert client.get("/api/contacts").status_int == 200
        assert client.get("/api/contacts/999999999").status_int == 404
        own.tenants.usage.flush()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            text = answer.read().decode()
    finally:
        exposing.stop()
        own.close()
    assert (
        'crmtenant_request_seconds_count{context="ContactCollection",method="GET",status="200",view=""}'
        in text
    )
    assert 'status="404"' in text
    assert 'crmtenant_companies{state="active"}' in text
    assert "crmtenant_connections " in text
    assert "crmtenant_mails_waiting" in text
    assert 'crmtenant_top_company_thread_seconds{rank="1"}' in text
    for secret in (north.id, north.slug, north.address.database, "/api"):
        assert secret not in text


def test_nothing_is_counted_where_nobody_asks(platform: Platform) -> None:
    app = make_app(platform)
    assert "crmtenant.api.metrics" not in repr(app.registry.introspector.get_category("tweens"))
