"""The process answers."""

from __future__ import annotations

from tests.functional.installation import Client


def test_health_is_public(anonymous: Client) -> None:
    assert anonymous.read("/api/health") == {"status": "ok"}
