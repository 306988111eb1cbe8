"""Whatever a batch did and others changed since: undone, all is as it was but for what they changed."""

import random

import pytest

TABLES = {"contact": "contact", "project": "project", "column": "board_column", "task": "task"}
OURS = {"id", "version", "created_at", "updated_at", "updated_by", "deleted_at", "deleted_by", "position"}
CSV = "First name,E-mail,Phone,Organisation\nC0,c0@acme.eu,+49 30 1234567,Acme\nNew,new@acme.eu,,Acme\n"


def _rows(north):
    """What every live row is, but for when it was written and by whom."""
    found = {}
    for noun, table in TABLES.items():
        for row_id, row in north.rows(f"SELECT id, to_jsonb({table}) FROM {table} WHERE deleted_at IS NULL"):
            found[noun, row_id] = {name: value for name, value in row.items() if name not in OURS}
    return found


def _furnish(owner):
    for number in range(4):
        email = [{"value": f"c{number}@acme.eu"}]
        owner.create("/api/contacts", given_name=f"C{number}", note="old", emails=email)
    for _ in range(2):
        owner.create("/api/projects", name="P", contact_id=1)
    for number in range(6):
        place = {"project_id": 1 + number % 2, "column_id": (1, 4)[number % 2]}
        owner.create("/api/tasks", title=f"T{number}", contact_id=1 + number % 3, **place)
    owner.create("/api/tasks", title="Below", parent_id=1)


def _batch(draw, owner):
    """Do something to many rows and return the answer."""
    some_contacts, some_tasks = draw.sample(range(1, 5), 3), draw.sample(range(1, 8), 4)
    what = draw.randrange(6)
    if what == 0:
        update = [{"id": one, "note": "new", "tags": ["x"], "custom": {"a": "b"}} for one in some_contacts]
        return owner.post("/api/contacts/bulk", {"update": update, "create": [{"given_name": "New"}]})
    if what == 1:
        change = {"status": draw.choice(["done", "open"]), "due_on": "2026-12-01", "contact_id": None}
        return owner.post("/api/tasks/bulk", {"update": [{"id": one, **change} for one in some_tasks]})
    if what == 2:
        return owner.post("/api/tasks/bulk", {"delete": some_tasks})
    if what == 3:
        return owner.delete("/api/projects/1")
    if what == 4:
        return owner.delete("/api/columns/1")
    headers = {"Authorization": f"Bearer {owner.token}"}
    return owner.app.post(
        "/api/contacts/import", upload_files=[("file", "c.csv", CSV.encode())], headers=headers
    )


def _edit(draw, colleague):
    """Change something; what is in the trash by now stays there."""
    if draw.randrange(2):
        body = draw.choice([{"note": "theirs"}, {"job_title": "Boss"}, {"tags": ["y", "z"]}])
        colleague.patch(f"/api/contacts/{draw.randrange(1, 5)}", body)
    else:
        body = draw.choice(
            [{"priority": 4}, {"due_on": "2027-01-01"}, {"title": "Theirs"}, {"contact_id": 2}]
        )
        colleague.patch(f"/api/tasks/{draw.randrange(1, 8)}", body)


@pytest.mark.parametrize("seed", range(8))
def test_all_is_as_it_was_but_for_what_others_changed(seed, owner, north):
    draw = random.Random(seed)
    _furnish(owner)
    before = _rows(north)
    done = _batch(draw, owner)
    batch = done.headers["Batch"]
    ((last,),) = north.rows("SELECT max(seq) FROM change")
    for _ in range(draw.randrange(5)):
        _edit(draw, north.client("member"))
    touched = {}
    for noun, row_id, fields in north.rows(
        "SELECT noun, row_id, array(SELECT jsonb_object_keys(changes)) FROM change WHERE seq > %s", last
    ):
        touched.setdefault((noun, row_id), set()).update(fields)
    answer = owner.post(f"/api/batches/{batch}/undo")
    assert answer.status_int == 200, answer.text
    now = _rows(north)
    assert before.keys() <= now.keys()
    assert now.keys() - before.keys() <= touched.keys()
    for key, row in before.items():
        if key in touched:
            kept = touched[key] | {"search", "title_key", "completed_at"}
            assert _without(now[key], kept) == _without(row, kept), key
        else:
            assert _without(now[key], {"search", "source_keys"}) == _without(
                row, {"search", "source_keys"}
            ), key


def _without(row, names):
    return {name: value for name, value in row.items() if name not in names}
