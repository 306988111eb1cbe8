"""What the page's client is typed by is what the server says."""

from __future__ import annotations

import json
from pathlib import Path

from tests.unit.api.looking import openapi_document

DOCUMENT = Path(__file__).parents[3] / "frontend" / "openapi.json"


def test_the_page_knows_the_api_as_it_is() -> None:
    """Otherwise: `crmtenant openapi --output frontend/openapi.json`, then `npm run types` in frontend/."""
    assert json.loads(DOCUMENT.read_text(encoding="utf-8")) == json.loads(json.dumps(openapi_document()))
