"""What was done to many rows in one go is told, and can be undone: field by field, but for what others changed since."""

import pytest


def _undo(client, batch_id, **query):
    asked = "?dry_run=true" if query.get("dry_run") else ""
    return client.post(f"/api/batches/{batch_id}/undo{asked}")


def _undone(client, batch_id, **query):
    answer = _undo(client, batch_id, **query)
    assert answer.status_int == 200, answer.text
    return answer.json


def _bulk(client, collection, **lists):
    answer = client.post(f"/api/{collection}/bulk", lists)
    assert answer.status_int == 200, answer.text
    assert answer.headers["Batch"] == str(answer.json["batch_id"])
    return answer.json["batch_id"]


def _contacts(client, count):
    return [
        client.create("/api/contacts", given_name=f"C{number}", note="old")["id"] for number in range(count)
    ]


def _fields(client, collection, *names):
    items = client.read(f"/api/{collection}", limit=1000, sort="created_at")["items"]
    return {item["id"]: tuple(item[name] for name in names) for item in items}


def test_a_bulk_change_is_undone_field_by_field(owner, north):
    one, two, three = _contacts(owner, 3)
    update = [{"id": row_id, "note": "new", "job_title": "Boss"} for row_id in (one, two, three)]
    batch = _bulk(owner, "contacts", update=update)
    colleague = north.client("member")
    colleague.patch(f"/api/contacts/{two}", {"note": "theirs"})
    colleague.delete(f"/api/contacts/{three}")
    before = _fields(owner, "contacts", "note", "job_title", "version")
    foreseen = _undone(owner, batch, dry_run=True)
    assert _fields(owner, "contacts", "note", "job_title", "version") == before
    done = _undone(owner, batch)
    assert {**done, "batch": None} == foreseen
    assert _fields(owner, "contacts", "note", "job_title") == {one: ("old", None), two: ("theirs", None)}
    assert (done["restored"], done["partly"], done["kept_count"]) == (1, 1, 2)
    kept = [(line["id"], line["fields"], line["reason"], line["by"]) for line in done["kept"]]
    member = north.people["member"]
    assert kept == [(two, ["note"], "changed_since", member), (three, [], "gone", member)]
    assert _undo(owner, batch).json["code"] == "already_undone"
    _undone(owner, done["batch"])
    assert _fields(owner, "contacts", "note", "job_title") == {one: ("new", "Boss"), two: ("theirs", "Boss")}


def test_what_was_changed_back_meanwhile_is_put_back_too(owner):
    (contact,) = _contacts(owner, 1)
    batch = _bulk(owner, "contacts", update=[{"id": contact, "note": "new", "custom": {"a": "1"}}])
    for note in ("another", "new"):
        owner.patch(f"/api/contacts/{contact}", {"note": note})
    assert _undone(owner, batch)["kept"] == []
    assert _fields(owner, "contacts", "note", "custom") == {contact: ("old", {})}


def test_a_bulk_delete_and_what_it_created_are_undone(owner, north):
    kept, thrown = _contacts(owner, 2)
    batch = _bulk(owner, "contacts", create=[{"given_name": "New"}, {"given_name": "Used"}], delete=[thrown])
    used = max(_fields(owner, "contacts"))
    owner.create("/api/projects", name="Roof", contact_id=used)
    done = _undone(owner, batch)
    assert (done["restored"], done["kept_count"]) == (2, 1)
    assert [(line["id"], line["reason"]) for line in done["kept"]] == [(used, "in_use")]
    assert set(_fields(owner, "contacts")) == {kept, thrown, used}


def test_a_project_comes_back_with_all_that_went_along(owner, north):
    project = owner.create("/api/projects", name="Roof")["id"]
    above = owner.create("/api/tasks", title="Above", project_id=project, column_id=1)["id"]
    owner.create("/api/tasks", title="Below", project_id=project, parent_id=above)
    owner.create(f"/api/tasks/{above}/entries", body="Said")
    before = north.rows("SELECT id, column_id, deleted_at FROM task ORDER BY id")
    deleted = owner.delete(f"/api/projects/{project}")
    assert deleted.status_int == 204
    batch = int(deleted.headers["Batch"])
    (listed,) = owner.read("/api/batches")["items"]
    assert (listed["id"], listed["kind"], listed["noun"]) == (batch, "trash", "project")
    assert listed["summary"] == {
        "created": 0,
        "changed": 0,
        "removed": 1,
        "restored": 0,
        "along": 6,
        "title": "Roof",
    }
    done = _undone(owner, batch)
    assert (done["restored"], done["kept"]) == (7, [])
    assert north.rows("SELECT id, column_id, deleted_at FROM task ORDER BY id") == before
    assert owner.read("/api/batches")["items"][1]["undone_by"] == north.people["owner"]
    again = _undone(owner, done["batch"])
    assert (again["restored"], again["kept"]) == (7, [])
    assert owner.get(f"/api/projects/{project}").status_int == 404
    assert [item["type"] for item in owner.read("/api/trash")["items"]].count("project") == 1


def test_a_column_comes_back_with_its_tasks(owner, north):
    project = owner.create("/api/projects", name="Roof")["id"]
    tasks = [owner.create("/api/tasks", title=f"T{n}", project_id=project, column_id=1)["id"] for n in (1, 2)]
    batch = int(owner.delete("/api/columns/1").headers["Batch"])
    owner.patch(f"/api/tasks/{tasks[1]}", {"column_id": 2})
    done = _undone(owner, batch)
    assert (done["restored"], done["kept_count"]) == (2, 1)
    assert _fields(owner, "tasks", "column_id") == {tasks[0]: (1,), tasks[1]: (2,)}
    _undone(owner, done["batch"])
    assert _fields(owner, "tasks", "column_id") == {tasks[0]: (None,), tasks[1]: (2,)}
    owner.post("/api/columns/1/restore")
    assert _fields(owner, "tasks", "column_id") == {tasks[0]: (1,), tasks[1]: (2,)}


def test_completing_many_is_undone_with_subtasks_and_next_occurrences(owner, north):
    above = owner.create("/api/tasks", title="Above", due_on="2026-11-02", recurrence="FREQ=WEEKLY")["id"]
    below = owner.create("/api/tasks", title="Below", parent_id=above)["id"]
    names = ("status", "recurrence", "completed_at")
    before = _fields(owner, "tasks", *names)
    batch = _bulk(owner, "tasks", update=[{"id": above, "status": "done"}])
    assert len(_fields(owner, "tasks")) == 4
    after = _fields(owner, "tasks", *names)
    done = _undone(owner, batch)
    assert done["kept"] == []
    assert _fields(owner, "tasks", *names) == before
    assert set(before) == {above, below}
    _undone(owner, done["batch"])
    assert _fields(owner, "tasks", *names) == after


@pytest.mark.parametrize("is_used", [False, True])
def test_an_import_is_undone(owner, north, is_used):
    anna = owner.create("/api/contacts", given_name="Anna", emails=[{"value": "anna@acme.eu"}])["id"]
    csv = (
        "First name,E-mail,Phone,Organisation\nAnna,anna@acme.eu,+49 30 1234567,Acme\n"
        "Ben,ben@acme.eu,,Acme\nCleo,cleo@acme.eu,,\n"
    )
    before = owner.read(f"/api/contacts/{anna}")
    files = [("file", "people.csv", csv.encode())]
    headers = {"Authorization": f"Bearer {owner.token}"}
    answer = owner.app.post("/api/contacts/import", upload_files=files, headers=headers)
    assert answer.headers["Batch"] == str(answer.json["batch_id"])
    names = {item["name"]: item["id"] for item in owner.read("/api/contacts")["items"]}
    if is_used:
        owner.create("/api/tasks", title="Call", contact_id=names["Ben"])
    done = _undone(owner, answer.json["batch_id"])
    after = owner.read(f"/api/contacts/{anna}")
    told = {name for name in before if name not in ("version", "updated_at")}
    assert {name: after[name] for name in told} == {name: before[name] for name in told}
    left = {item["name"] for item in owner.read("/api/contacts")["items"]}
    assert left == ({"Anna", "Ben", "Acme"} if is_used else {"Anna"})
    kept = [("Acme", "in_use"), ("Ben", "in_use")] if is_used else []
    assert [(one["title"], one["reason"]) for one in done["kept"]] == kept


def test_an_undone_import_forgets_who_was_who(owner, north):
    anna = owner.create("/api/contacts", given_name="Anna", emails=[{"value": "anna@acme.eu"}])["id"]
    card = "BEGIN:VCARD\nVERSION:3.0\nUID:one\nFN:Anna\nEMAIL:anna@acme.eu\nTEL:+49301234567\nEND:VCARD\n"
    answer = owner.raw("POST", "/api/contacts/import", card.encode(), {"Content-Type": "text/vcard"})
    assert answer.json["updated"] == 1
    known = "SELECT source_keys, phones FROM contact WHERE id = %s"
    assert north.rows(known, anna)[0][0]
    _undone(owner, answer.json["batch_id"])
    assert north.rows(known, anna) == [([], [])]


def test_what_was_undone_in_between_is_no_change(owner):
    batch = _bulk(owner, "contacts", create=[{"given_name": "Anna"}, {"given_name": "Ben"}])
    one, two = sorted(_fields(owner, "contacts"))
    later = _bulk(owner, "contacts", update=[{"id": one, "note": "new"}, {"id": two, "note": "new"}])
    _undone(owner, later)
    owner.patch(f"/api/contacts/{two}", {"note": "theirs"})
    done = _undone(owner, batch)
    assert [(line["id"], line["reason"]) for line in done["kept"]] == [(two, "changed_since")]


def test_whose_batch_it_is_decides_who_may_undo_it(owner, north):
    (contact,) = _contacts(owner, 1)
    batch = _bulk(owner, "contacts", update=[{"id": contact, "note": "new"}])
    assert _undo(north.client("viewer"), batch).status_int == 403
    assert _undo(north.client("member"), batch).json["code"] == "done_by_others"
    listed = {
        role: north.client(role).read("/api/batches")["items"][0]["can_undo"]
        for role in ("owner", "admin", "member", "viewer")
    }
    assert listed == {"owner": True, "admin": True, "member": False, "viewer": False}
    assert _undo(owner, 99).status_int == 404
    assert _undo(north.client("admin"), batch).status_int == 200
    assert not owner.read("/api/batches")["items"][1]["can_undo"]


def test_after_thirty_days_it_is_too_late(owner, north):
    (contact,) = _contacts(owner, 1)
    batch = _bulk(owner, "contacts", update=[{"id": contact, "note": "new"}])
    north.execute("UPDATE batch SET at = at - interval '30 days'")
    assert _undo(owner, batch).json["code"] == "too_late"
    assert owner.read("/api/batches")["items"] == []


def test_a_batch_of_ones_own_views_is_nobody_elses(owner, north):
    view = {"name": "Mine", "page": "contacts", "query": {}, "is_shared": False}
    batch = _bulk(north.client("member"), "views", create=[view])
    assert owner.read("/api/batches")["items"] == []
    assert _undo(owner, batch).status_int == 404
    assert _undone(north.client("member"), batch)["restored"] == 1


def test_batches_come_in_pages(owner):
    contacts = _contacts(owner, 3)
    made = [_bulk(owner, "contacts", update=[{"id": one, "note": "new"}]) for one in contacts]
    first = owner.read("/api/batches", limit=2)
    second = owner.read("/api/batches", limit=2, cursor=first["next_cursor"])
    assert [item["id"] for item in first["items"] + second["items"]] == made[::-1]
    assert second["next"] is None


def test_one_row_and_no_difference_are_no_batch(owner):
    (contact,) = _contacts(owner, 1)
    assert "Batch" not in owner.delete(f"/api/contacts/{contact}").headers
    assert "Batch" not in owner.post(f"/api/contacts/{contact}/restore").headers
    same = owner.post("/api/contacts/bulk", {"update": [{"id": contact, "note": "old"}]})
    assert same.json["batch_id"] is None
    assert "Batch" not in same.headers
