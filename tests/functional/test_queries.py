"""Round trips to PostgreSQL, counted on the wire: a warm read is one, and so it stays."""

from __future__ import annotations

import pytest
from webtest import TestApp

from tests.functional.furnishing import furnish, path_of
from tests.functional.installation import Client, Company
from tests.functional.surface import Endpoint, endpoints, lists
from tests.functional.wire import Recorder, verbs_of_a_new_contact

OTHERWISE = {"/api": 0, "/api/contacts/export": 2}
"""Who one is comes from memory; an export reads organisations, then people, a batch at a time."""

NARROWED = {
    "/api/contacts/export": {"tag": "borne by nobody"},
    "/api/contacts/similar": {"name": "Anna Berg", "email": "anna@north.example"},
    "/api/search": {"q": "north"},
}
"""So that there is one batch of each, however many contacts there are; and something to look for."""


@pytest.fixture(scope="module")
def furnished(north_for_all: Company) -> Company:
    north_for_all.empty()
    furnish(north_for_all)
    return north_for_all


def _round_trips(recorder: Recorder, client: Client, path: str, **query: object) -> list[str]:
    """What goes over the wire once connections and memory are warm: the fewest of some requests, for what
    is remembered of people is forgotten twice a second."""
    found: list[list[str]] = []
    for _ in range(4):
        recorder.clear()
        assert client.get(path, **query).status_int == 200
        found.append(list(recorder.sent))
    return min(found, key=len)


#: What takes everything along reads every table, a batch at a time: as many round trips as there are batches.
WHOLE = "/api/company/export"
READS = [endpoint for endpoint in endpoints() if endpoint.method == "GET" and endpoint.path != WHOLE]


@pytest.mark.parametrize("endpoint", READS, ids=str)
def test_a_warm_read_is_one_round_trip(
    endpoint: Endpoint, furnished: Company, recorded_app: TestApp, recorder: Recorder
) -> None:
    client = furnished.client(app=recorded_app)
    sent = _round_trips(recorder, client, path_of(endpoint, furnished), **NARROWED.get(endpoint.path, {}))
    assert len(sent) == OTHERWISE.get(endpoint.path, 1), sent
    assert recorder.connections == 0


@pytest.mark.parametrize("endpoint", [e for e in lists() if "count" in e.query.model_fields], ids=str)
def test_a_counted_page_is_one_round_trip(
    endpoint: Endpoint, furnished: Company, recorded_app: TestApp, recorder: Recorder
) -> None:
    client = furnished.client(app=recorded_app)
    query = {"count": True, "limit": 1, "fields": "id"}
    assert len(_round_trips(recorder, client, path_of(endpoint, furnished), **query)) == 1


def test_health_asks_nobody(recorded_app: TestApp, recorder: Recorder) -> None:
    client = Client(recorded_app, None)
    client.get("/api/health")
    recorder.clear()
    client.get("/api/health")
    assert recorder.sent == []


def test_a_new_contact_is_four_round_trips(
    furnished: Company, recorded_app: TestApp, recorder: Recorder
) -> None:
    client = furnished.client(app=recorded_app)
    # the second is the log
    assert verbs_of_a_new_contact(client, recorder) == ["BEGIN", "EXECUTE", "EXECUTE", "COMMIT"]


@pytest.mark.parametrize(
    ("path", "body", "most"),
    [
        ("/api/projects", {"name": "Counted"}, 7),
        ("/api/tasks", {"title": "Counted", "project_id": 1}, 7),
        ("/api/columns", {"name": "Counted", "project_id": 1}, 7),
        ("/api/entries", {"body": "Counted", "subject_type": "contact", "subject_id": 2}, 7),
        ("/api/contacts/bulk", {"create": [{"given_name": "Anna"}] * 500}, 6),
    ],
)
def test_a_write_is_a_handful_of_round_trips(
    path: str, body: object, most: int, furnished: Company, recorded_app: TestApp, recorder: Recorder
) -> None:
    client = furnished.client(app=recorded_app)
    found = []
    for _ in range(3):
        recorder.clear()
        assert client.post(path, body).status_int in {200, 201}
        found.append(list(recorder.sent))
    sent = min(found, key=len)
    assert len(sent) <= most, [statement[:60] for statement in sent]


def test_a_change_is_five_round_trips(furnished: Company, recorded_app: TestApp, recorder: Recorder) -> None:
    client = furnished.client(app=recorded_app)
    found = []
    for turn in range(4):
        recorder.clear()
        assert client.patch("/api/contacts/2", {"note": str(turn)}).status_int == 200
        found.append([sent.split()[0] for sent in recorder.sent])
    changes = min(found, key=len)
    assert changes[0] == "BEGIN"
    assert changes[-1] == "COMMIT"
    assert len(changes) <= 6


def test_a_change_on_condition_counts_a_projects_tasks_once(
    furnished: Company, recorded_app: TestApp, recorder: Recorder
) -> None:
    client = furnished.client(app=recorded_app)
    etag = client.get("/api/projects/1").headers["ETag"]
    recorder.clear()
    changed = client.patch("/api/projects/1", {"color": "#112233"}, {"If-Match": etag})
    assert changed.status_int == 200
    assert len([sent for sent in recorder.sent if "json_build_object" in sent]) == 1
