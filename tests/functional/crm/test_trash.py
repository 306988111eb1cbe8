"""The trash: a line for each act, what comes back with it, and deleting for good."""

from __future__ import annotations

import pytest

from tests.functional.installation import Client, Company

LOG = "SELECT noun, row_id, verb, changes FROM change ORDER BY seq, number"


def lines(owner: Client, **query: object) -> list[tuple[str, str, dict[str, int]]]:
    """Type, name and what comes along of each line."""
    items = owner.read("/api/trash", **query)["items"]
    return [(item["type"], item["name"], item["along"]) for item in items]


@pytest.fixture
def project(owner: Client) -> int:
    """A project with columns, a task below a task, and what people wrote on them."""
    row_id = owner.create("/api/projects", name="Roof")["id"]
    above = owner.create("/api/tasks", title="Above", project_id=row_id)["id"]
    below = owner.create("/api/tasks", title="Below", project_id=row_id, parent_id=above)["id"]
    owner.create(f"/api/projects/{row_id}/entries", body="On the project")
    comment = owner.create(f"/api/tasks/{below}/entries", body="On the subtask")["id"]
    owner.create(f"/api/entries/{comment}/entries", body="A reply")
    return row_id


def test_a_project_with_all_that_is_in_it_is_one_line(owner: Client, project: int) -> None:
    owner.delete("/api/tasks/2")
    owner.delete(f"/api/projects/{project}")
    assert lines(owner) == [
        ("project", "Roof", {"columns": 3, "tasks": 1, "entries": 1}),
        ("task", "Below", {"entries": 2}),
    ]
    for line in owner.read("/api/trash")["items"]:
        assert owner.post(line["links"]["restore"]).status_int == 200
    assert lines(owner) == []


def test_lines_of_one_moment_tell_apart_what_is_theirs(owner: Client) -> None:
    ids = [owner.create("/api/projects", name=f"No {number}")["id"] for number in range(3)]
    for row_id in ids[:2]:
        owner.create("/api/tasks", title="One", project_id=row_id)
    owner.post("/api/projects/bulk", {"delete": ids})
    along = {name: along for _, name, along in lines(owner)}
    assert along == {
        "No 0": {"columns": 3, "tasks": 1},
        "No 1": {"columns": 3, "tasks": 1},
        "No 2": {"columns": 3},
    }


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("çelik", ["Şule Çelik 100%"]),
        ("celik SULE", ["Şule Çelik 100%"]),
        ("100%", ["Şule Çelik 100%"]),
        ("%", ["Şule Çelik 100%"]),
        ("_", []),
        ("\\", []),
        ("roof anna", []),
        ("roof", ["The Roof"]),
        ("mine", ["Mine Views"]),
        ("  the   ROOF ", ["The Roof"]),
    ],
)
def test_it_is_searched_by_words_of_names(owner: Client, words: str, found: list[str]) -> None:
    owner.create("/api/contacts", given_name="Şule", family_name="Çelik 100%")
    owner.create("/api/projects", name="The Roof")
    owner.create("/api/views", name="Mine Views", page="contacts", query={})
    for place in ("contacts/1", "projects/1", "views/1"):
        owner.delete(f"/api/{place}")
    assert [name for _, name, _ in lines(owner, q=words)] == found


def test_pages_go_on_with_the_words_they_began_with(owner: Client) -> None:
    for number in range(3):
        owner.create("/api/tasks", title=f"Ask {number}")
        owner.create("/api/projects", name=f"Other {number}")
        owner.delete(f"/api/tasks/{number + 1}")
        owner.delete(f"/api/projects/{number + 1}")
    first = owner.read("/api/trash", q="ask", limit=2)
    second = owner.read(first["next"])
    assert [item["name"] for item in (*first["items"], *second["items"])] == ["Ask 2", "Ask 1", "Ask 0"]
    assert owner.get("/api/trash", q="other", cursor=first["next_cursor"]).status_int == 400


def test_deleting_for_good_takes_along_what_belongs_to_it(
    owner: Client, north: Company, project: int
) -> None:
    owner.create("/api/tasks", title="Elsewhere")
    owner.delete("/api/tasks/2")
    owner.delete(f"/api/projects/{project}")
    (line, _) = owner.read("/api/trash")["items"]
    assert owner.delete(line["links"]["purge"]).status_int == 204
    assert lines(owner) == []
    assert north.rows("SELECT title FROM task") == [("Elsewhere",)]
    for table in ("project", "board_column", "entry"):
        assert north.rows(f"SELECT id FROM {table}") == []
    assert owner.delete(line["links"]["purge"]).status_int == 404
    assert owner.get(f"/api/projects/{project}/history").status_int == 404
    purged = [row for row in north.rows(LOG) if row[2] == "purged"]
    assert len(purged) == 1 + 3 + 2 + 3
    assert all(changes == {} for *_, changes in purged)


def test_what_refers_to_it_refers_to_nothing_and_says_so(owner: Client, north: Company) -> None:
    gone = owner.create("/api/contacts", kind="organization", name="Gone Ltd")["id"]
    anna = owner.create("/api/contacts", given_name="Anna", organization_id=gone)
    task = owner.create("/api/tasks", title="Call", contact_id=gone)
    project = owner.create("/api/projects", name="Roof", contact_id=gone)
    entry = owner.create(f"/api/contacts/{anna['id']}/entries", body="Met", contact_ids=[gone, anna["id"]])
    assert (entry["contact_ids"], entry["organization_ids"]) == ([anna["id"], gone], [gone])
    trashed = owner.create("/api/tasks", title="Too", contact_id=gone)["id"]
    owner.delete(f"/api/tasks/{trashed}")
    owner.delete(f"/api/contacts/{gone}")
    assert owner.delete(f"/api/trash/contact/{gone}").status_int == 204
    for place, before in (
        (f"contacts/{anna['id']}", anna),
        (f"tasks/{task['id']}", task),
        (f"projects/{project['id']}", project),
    ):
        after = owner.read(f"/api/{place}")
        name = "organization_id" if "contacts" in place else "contact_id"
        assert (after[name], after["version"]) == (None, before["version"] + 1)
        newest = owner.read(f"/api/{place}/history")["items"][0]
        assert newest["changes"] == {name: [gone, None]}
    after = owner.read(f"/api/entries/{entry['id']}")
    assert (after["contact_ids"], after["organization_ids"]) == ([anna["id"]], [])
    assert owner.post(f"/api/tasks/{trashed}/restore").json["contact_id"] is None


def test_tasks_whose_column_is_gone_for_good_stay(owner: Client, north: Company) -> None:
    owner.create("/api/projects", name="Roof")
    owner.create("/api/tasks", title="On it", project_id=1, column_id=1)
    done = owner.create("/api/tasks", title="Trashed on it", project_id=1, column_id=1)["id"]
    owner.delete(f"/api/tasks/{done}")
    owner.delete("/api/columns/1")
    assert owner.delete("/api/trash/board_column/1").status_int == 404
    assert owner.delete("/api/trash/column/1").status_int == 204
    assert north.rows("SELECT id, column_id FROM task ORDER BY id") == [(1, None), (done, None)]
    assert owner.post(f"/api/tasks/{done}/restore").status_int == 200


def test_a_task_whose_next_occurrence_is_gone_for_good_can_be_reopened(owner: Client) -> None:
    owner.create("/api/tasks", title="Weekly", due_on="2026-11-02", recurrence="FREQ=WEEKLY")
    owner.patch("/api/tasks/1", {"status": "done"})
    (following,) = owner.ids("/api/tasks", status="open")
    owner.delete(f"/api/tasks/{following}")
    assert owner.delete(f"/api/trash/task/{following}").status_int == 204
    assert owner.patch("/api/tasks/1", {"status": "open"}).status_int == 200
    owner.delete("/api/tasks/1")
    assert owner.delete("/api/trash/task/1").status_int == 204


def test_the_trash_is_emptied_wholly(owner: Client, north: Company, project: int) -> None:
    organization = owner.create("/api/contacts", kind="organization", name="Ltd")["id"]
    for number in range(3):
        owner.create("/api/contacts", given_name=f"No {number}", organization_id=organization)
    owner.create("/api/contacts", given_name="Stays", organization_id=organization)
    owner.create("/api/tasks", title="Stays", contact_id=2)
    owner.post("/api/contacts/bulk", {"delete": [1, 2, 3, 4]})
    owner.delete(f"/api/projects/{project}")
    assert north.client("admin").delete("/api/trash").status_int == 204
    assert lines(owner) == []
    assert north.rows("SELECT name, organization_id FROM contact") == [("Stays", None)]
    assert north.rows("SELECT title, contact_id FROM task") == [("Stays", None)]
    assert owner.delete("/api/trash").status_int == 204


def test_private_views_of_others_stay_when_the_trash_is_emptied(owner: Client, north: Company) -> None:
    member = north.client("member")
    for asking, is_shared in ((member, False), (owner, False), (member, True)):
        view = asking.create("/api/views", name="V", page="tasks", query={}, is_shared=is_shared)["id"]
        asking.delete(f"/api/views/{view}")
    assert owner.delete("/api/trash/saved_view/1").status_int == 404
    assert owner.delete("/api/trash").status_int == 204
    assert north.rows("SELECT id FROM saved_view") == [(1,)]


def test_the_trash_of_one_noun_is_emptied_by_itself(owner: Client, project: int) -> None:
    owner.create("/api/tasks", title="Alone")
    owner.delete("/api/tasks/3")
    owner.delete(f"/api/projects/{project}")
    assert owner.delete("/api/trash/task").status_int == 204
    assert [name for _, name, _ in lines(owner)] == ["Roof"]


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_members_do_not_delete_for_good(owner: Client, north: Company, role: str) -> None:
    owner.create("/api/tasks", title="Gone")
    owner.delete("/api/tasks/1")
    asking = north.client(role)
    assert asking.delete("/api/trash/task/1").status_int == 403
    assert asking.delete("/api/trash").status_int == 403
    assert lines(owner) == [("task", "Gone", {})]


def test_what_is_not_in_the_trash_is_not_deleted_for_good(owner: Client) -> None:
    owner.create("/api/tasks", title="Live")
    assert owner.delete("/api/trash/task/1").status_int == 404
    assert owner.delete("/api/trash/task/x").status_int == 404
    assert owner.delete("/api/trash/tasks/1").status_int == 404
    assert owner.get("/api/trash/task/1").status_int == 405
    assert owner.read("/api/tasks/1")["title"] == "Live"
