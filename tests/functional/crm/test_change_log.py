"""Whatever is written into rows of nouns, by whichever road, is in the log in the same transaction."""

import random

import pytest

from crmtenant.api.crm import ENTITIES
from crmtenant.api.entities.registration import entity_tree_of
from crmtenant.services.entities.change import Actor
from crmtenant.services.overview.handover import hand_over
from tests.functional.transfer.archives import import_archive

LOG = (
    "SELECT seq, noun, row_id, version, verb, changes, by, cause, project_id, contact_ids, audience"
    " FROM change WHERE seq > %s ORDER BY seq, number"
)
NOUNS = {
    "contact": "contact",
    "project": "project",
    "column": "board_column",
    "task": "task",
    "saved_view": "saved_view",
}


@pytest.fixture
def log(north):
    """What the log says that was written since the last time it was asked."""
    seen = [max((row[0] for row in north.rows(LOG, 0)), default=0)]

    def ask():
        rows = north.rows(LOG, seen[0])
        seen[0] = max((row[0] for row in rows), default=seen[0])
        return rows

    return ask


def verbs(rows):
    return [(noun, row_id, verb) for _, noun, row_id, _, verb, *_ in rows]


def test_what_a_person_does_is_logged_with_what_it_was_before(owner, north, log):
    contact = owner.create("/api/contacts", given_name="Anna", note="old")
    (created,) = log()
    assert created[1:9] == ("contact", contact["id"], 1, "created", {}, north.people["owner"], "person", None)
    assert created[9] == [contact["id"]]
    owner.patch(f"/api/contacts/{contact['id']}", {"note": "new"})
    (changed,) = log()
    assert changed[3:6] == (2, "changed", {"note": ["old", "new"]})
    owner.delete(f"/api/contacts/{contact['id']}")
    owner.post(f"/api/contacts/{contact['id']}/restore")
    assert [(row[3], row[4]) for row in log()] == [(3, "removed"), (4, "restored")]


def test_what_changes_nothing_and_what_is_refused_are_not_logged(owner, log):
    contact = owner.create("/api/contacts", given_name="Anna")
    log()
    owner.patch(f"/api/contacts/{contact['id']}", {"given_name": "Anna"})
    owner.patch(f"/api/contacts/{contact['id']}", {"organization_id": 99})
    assert log() == []


def test_a_board_and_what_goes_along_are_logged(owner, log):
    project = owner.create("/api/projects", name="Roof")["id"]
    assert sorted(verbs(log())) == [
        *(("column", number, "created") for number in (1, 2, 3)),
        ("project", project, "created"),
    ]
    above = owner.create("/api/tasks", title="Above", project_id=project, column_id=1)["id"]
    below = owner.create("/api/tasks", title="Below", project_id=project, parent_id=above)["id"]
    log()
    owner.patch(f"/api/tasks/{above}", {"status": "done"})
    found = {row[2]: row for row in log()}
    assert {row_id: row[4] for row_id, row in found.items()} == {above: "completed", below: "completed"}
    assert found[below][5]["status"] == ["open", "done"]
    owner.patch(f"/api/tasks/{above}", {"status": "open"})
    assert sorted(verbs(log())) == [("task", above, "reopened"), ("task", below, "reopened")]
    owner.delete("/api/columns/1")
    found = log()
    assert ("column", 1, "removed") in verbs(found)
    assert {row[2]: row[5] for row in found if row[1] == "task"} == {
        above: {"column_id": [1, None]},
        below: {"column_id": [1, None]},
    }
    owner.delete(f"/api/projects/{project}")
    assert {verb for *_, verb in verbs(log())} == {"removed"}


def test_a_private_view_is_logged_for_its_maker_alone(owner, north, log):
    view = owner.create("/api/views", name="Mine", page="contacts", query={}, is_shared=False)["id"]
    owner.patch(f"/api/views/{view}", {"is_shared": True})
    assert [row[10] for row in log()] == [north.people["owner"], None]


def test_an_import_is_logged_row_by_row_and_its_dry_run_not_at_all(owner, log):
    owner.create("/api/contacts", given_name="Anna", emails=[{"value": "anna@acme.eu"}])
    log()
    csv = "First name,E-mail,Phone\nAnna,anna@acme.eu,+49 30 1234567\nBen,ben@acme.eu,\n"
    assert _imported(owner, csv, dry_run="true") == (1, 1)
    assert log() == []
    assert _imported(owner, csv) == (1, 1)
    rows = log()
    assert len({row[0] for row in rows}) == 1
    assert {row[7] for row in rows} == {"import"}
    assert sorted(row[4] for row in rows) == ["changed", "created"]
    assert [list(row[5]) for row in rows if row[4] == "changed"] == [["phones"]]


def _imported(client, csv, **query):
    files = [("file", "people.csv", csv.encode())]
    address = "/api/contacts/import" + ("?dry_run=true" if query else "")
    headers = {"Authorization": f"Bearer {client.token}"}
    answer = client.app.post(address, upload_files=files, headers=headers).json
    return answer["created"], answer["updated"]


def test_a_large_text_leaves_its_hash(owner, log):
    contact = owner.create("/api/contacts", given_name="Anna", custom={})
    log()
    owner.patch(f"/api/contacts/{contact['id']}", {"note": "ä" * 40_000})
    for row in log():
        assert list(row[5]["note"][1]) == ["sha256"]


def _steps(draw, owner, alive):
    """Do something at random by some road; `alive` are the ids by collection."""
    contacts, projects, tasks = (alive[name] for name in ("contacts", "projects", "tasks"))
    what = draw.randrange(13)
    if what == 0:
        contacts.append(owner.create("/api/contacts", given_name=f"A{draw.random()}")["id"])
    elif what == 1:
        projects.append(owner.create("/api/projects", name="P")["id"])
    elif what == 2:
        body = {"title": "T", "project_id": draw.choice([None, *projects])}
        made = owner.post("/api/tasks", body)
        tasks.extend([made.json["id"]] if made.status_int == 201 else [])
    elif what == 3 and tasks:
        owner.patch(f"/api/tasks/{draw.choice(tasks)}", {"status": draw.choice(["open", "done"])})
    elif what == 4 and contacts:
        update = [{"id": one, "note": str(draw.random())} for one in set(contacts)]
        owner.post("/api/contacts/bulk", {"update": update})
    elif what == 5 and projects:
        owner.delete(f"/api/projects/{draw.choice(projects)}")
    elif what == 6 and projects:
        owner.post(f"/api/projects/{draw.choice(projects)}/restore")
    elif what == 7 and tasks:
        owner.post(f"/api/tasks/{draw.choice(tasks)}/move", {"project_id": draw.choice([None, *projects])})
    elif what > 7:
        _big_steps(draw, owner, tasks, what)


def _big_steps(draw, owner, tasks, what):
    """Do something to more than one row, or take that back."""
    if what == 8 and tasks:
        owner.patch(f"/api/tasks/{draw.choice(tasks)}", {"parent_id": draw.choice(tasks)})
    elif what == 9 and tasks:
        owner.post("/api/tasks/bulk", {"delete": draw.sample(tasks, len(tasks) // 2)})
    elif what == 10:
        _imported(owner, f"First name,E-mail,Organisation\nB,b@b.eu,\nC,c{draw.randrange(3)}@c.eu,Acme\n")
    elif what > 10 and (batches := owner.read("/api/batches", limit=3)["items"]):
        answer = owner.post(f"/api/batches/{draw.choice(batches)['id']}/undo")
        assert answer.status_int in (200, 409), answer.text


@pytest.mark.parametrize("seed", range(3))
def test_the_log_says_what_the_rows_are(seed, owner, north, log):
    log()
    draw, alive = random.Random(seed), {"contacts": [], "projects": [], "tasks": []}
    for _ in range(40):
        _steps(draw, owner, alive)
    newest, fields, living = {}, {}, {}
    for _, noun, row_id, version, verb, changes, *_ in log():
        key = (noun, row_id)
        assert version > newest.get(key, 0)
        newest[key] = version
        living[key] = verb != "removed" if verb in ("created", "removed", "restored") else living[key]
        for name, (_, new) in changes.items():
            fields[key, name] = new
    for noun, table in NOUNS.items():
        found = {
            (noun, row_id): (version, is_live)
            for row_id, version, is_live in north.rows(f"SELECT id, version, deleted_at IS NULL FROM {table}")
        }
        assert {key: version for key, version in newest.items() if key[0] == noun} == {
            key: version for key, (version, _) in found.items()
        }
        assert {key: is_live for key, is_live in living.items() if key[0] == noun} == {
            key: is_live for key, (_, is_live) in found.items()
        }
    for ((noun, row_id), name), value in fields.items():
        ((now,),) = north.rows(f"SELECT to_jsonb({name}) FROM {NOUNS[noun]} WHERE id = %s", row_id)
        assert name == "completed_at" or now == value, (noun, row_id, name)


def test_a_company_that_is_imported_and_work_handed_over_are_logged(owner, north, south):
    contact = owner.create("/api/contacts", given_name="Anna", owner_id=north.people["member"])
    owner.create("/api/tasks", title="Call", assignee_ids=[north.people["member"]], contact_id=contact["id"])
    before = max((row[0] for row in south.rows(LOG, 0)), default=0)
    import_archive(south, owner.get("/api/company/export").body)
    rows = south.rows(LOG, before)
    assert {row[1:5] for row in rows} == {("contact", 1, 1, "created"), ("task", 1, 1, "created")}
    assert len({row[0] for row in rows}) == 1
    assert {row[6:8] for row in rows} == {(south.people["owner"], "import")}
    before = max(row[0] for row in north.rows(LOG, 0))
    actor = Actor(north.people["owner"], lambda _: True, entities=entity_tree_of(ENTITIES).entities)
    with north.platform.databases.broker.begin(north.address) as session:
        hand_over(session, actor, north.people["member"], north.people["admin"])
    found = {row[1]: row[5] for row in north.rows(LOG, before)}
    assert found == {
        "contact": {"owner_id": [north.people["member"], north.people["admin"]]},
        "task": {"assignee_ids": [[north.people["member"]], [north.people["admin"]]]},
    }


def test_the_history_of_a_record_says_who_changed_what_and_when(owner, north):
    contact = owner.create("/api/contacts", given_name="Anna", note="first")
    place = f"/api/contacts/{contact['id']}"
    for note in ("second", "third"):
        owner.patch(place, {"note": note})
    north.client("member").patch(place, {"note": "fourth", "job_title": "Boss"})
    lines = owner.read(f"{place}/history")["items"]
    assert [(line["by"], line["verb"], line["changes"]) for line in lines] == [
        (north.people["member"], "changed", {"note": ["third", "fourth"], "job_title": [None, "Boss"]}),
        (north.people["owner"], "changed", {"note": ["first", "third"]}),
        (north.people["owner"], "created", {}),
    ]
    assert lines[0]["version"] == 4


def test_the_history_comes_in_pages_and_ends_with_a_creation_older_than_the_log(owner, north):
    place = f"/api/contacts/{owner.create('/api/contacts', given_name='Anna')['id']}"
    north.execute("DELETE FROM change")
    for people in ("owner", "member", "owner"):
        north.client(people).patch(place, {"note": people + str(people)})
    owner.delete(place)
    seen, query = [], {"limit": 2}
    while query:
        page = owner.read(f"{place}/history", **query)
        seen += [line["verb"] for line in page["items"]]
        query = {"limit": 2, "cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert seen == ["removed", "changed", "changed", "changed", "created"]


def test_the_history_of_what_was_somebodys_own_is_theirs(owner, north):
    view = owner.create("/api/views", name="Mine", page="contacts", query={}, is_shared=False)["id"]
    colleague = north.client("member")
    assert colleague.get(f"/api/views/{view}/history").status_int == 404
    owner.patch(f"/api/views/{view}", {"name": "Secret"})
    owner.patch(f"/api/views/{view}", {"name": "Ours", "is_shared": True})
    lines = colleague.read(f"/api/views/{view}/history")["items"]
    assert "Secret" not in [value for line in lines for two in line["changes"].values() for value in two]
