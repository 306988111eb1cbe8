"""What people are told of: by whom, of what, once, and never of what is their own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import Login, Membership
from tests.functional.installation import Client, Company


@pytest.fixture
def owner(north: Company) -> Client:
    return north.client()


@pytest.fixture
def member(north: Company) -> Client:
    return north.client("member")


def inbox(client: Client, **query: Any) -> list[tuple[str, str, int]]:
    """The kind, the title and the count of what the person is told."""
    return [(item["kind"], item["title"], item["count"]) for item in items(client, **query)]


def items(client: Client, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.read("/api/notifications", **query)["items"]
    return found


def named(person: str) -> str:
    return f"@[{person}]"


def test_who_is_assigned_is_told_and_who_does_it_themselves_is_not(
    owner: Client, member: Client, north: Company
) -> None:
    both = [north.people["owner"], north.people["member"]]
    task = owner.create("/api/tasks", title="Roof", assignee_ids=both)["id"]
    (told,) = items(member)
    assert (told["kind"], told["title"], told["by"]) == ("assigned", "Roof", north.people["owner"])
    assert (told["noun"], told["row_id"], told["entry_id"]) == ("task", task, None)
    assert inbox(owner) == []
    project = owner.create("/api/projects", name="House")["id"]
    owner.patch(f"/api/projects/{project}", {"owner_id": north.people["member"]})
    contact = owner.create("/api/contacts", given_name="Ada", owner_id=north.people["member"])["id"]
    assert [kind for kind, *_ in inbox(member)] == ["assigned"] * 3
    assert items(member)[0]["row_id"] == contact
    assert member.read("/api/notifications/count") == {"unread": 3}
    assert member.read("/api/notifications")["unread"] == 3


def test_who_is_assigned_no_more_before_they_read_it_is_not_told(
    owner: Client, member: Client, north: Company
) -> None:
    task = owner.create("/api/tasks", title="Roof", assignee_ids=[north.people["member"]])["id"]
    owner.patch(f"/api/tasks/{task}", {"assignee_ids": []})
    assert inbox(member) == []


def test_who_is_named_is_told_and_edits_tell_those_added(
    owner: Client, member: Client, north: Company
) -> None:
    viewer, admin = north.client("viewer"), north.client("admin")
    contact = owner.create("/api/contacts", given_name="Ada")["id"]
    body = f"Ask {named(north.people['member'])} and {named(north.people['owner'])}"
    entry = owner.create(f"/api/contacts/{contact}/entries", body=body)["id"]
    (told,) = items(member)
    assert (told["kind"], told["title"], told["entry_id"]) == ("mentioned", "Ada", entry)
    assert told["excerpt"] == body
    assert inbox(owner) == []
    # Another word tells nobody, a name added tells the one.
    owner.patch(f"/api/entries/{entry}", {"body": f"{body}!"})
    owner.patch(f"/api/entries/{entry}", {"body": f"{body} {named(north.people['viewer'])}"})
    assert inbox(member) == [("mentioned", "Ada", 1)]
    assert inbox(viewer) == [("mentioned", "Ada", 1)]
    assert inbox(admin) == []
    # Named no more: what was not read is withdrawn. Named again: told again.
    owner.patch(f"/api/entries/{entry}", {"body": body})
    assert inbox(viewer) == []
    owner.patch(f"/api/entries/{entry}", {"body": f"{body} {named(north.people['viewer'])}"})
    assert inbox(viewer) == [("mentioned", "Ada", 1)]


def test_who_is_replied_to_and_who_watches_are_told_once_each(
    owner: Client, member: Client, north: Company
) -> None:
    admin = north.client("admin")
    contact = owner.create("/api/contacts", given_name="Ada")["id"]
    entry = member.create(f"/api/contacts/{contact}/entries", body="A call")["id"]
    assert inbox(owner) == [("watched", "Ada", 1)]  # who made it watches it
    admin.create(f"/api/entries/{entry}/entries", body="Well done")
    assert inbox(member) == [("replied", "Ada", 1)]
    assert inbox(owner) == [("watched", "Ada", 2)]
    # Who replied wrote on it, and watches it too.
    owner.patch(f"/api/contacts/{contact}", {"note": "New"})
    assert inbox(admin) == [("watched", "Ada", 1)]
    assert inbox(member)[0] == ("watched", "Ada", 1)


def test_what_happens_within_a_quarter_of_an_hour_is_one_until_it_is_read(
    owner: Client, member: Client, north: Company
) -> None:
    task = owner.create("/api/tasks", title="Roof")["id"]
    for number in range(3):
        member.patch(f"/api/tasks/{task}", {"description": str(number)})
    (told,) = items(owner)
    assert (told["kind"], told["count"]) == ("watched", 3)
    north.execute("UPDATE notification SET since = since - interval '16 minutes'")
    member.patch(f"/api/tasks/{task}", {"description": "later"})
    assert [count for *_, count in inbox(owner)] == [1, 3]
    newest = items(owner)[0]["id"]
    assert owner.patch(f"/api/notifications/{newest}", {"is_read": True}).json["read_at"] is not None
    member.patch(f"/api/tasks/{task}", {"description": "after it was read"})
    assert [count for *_, count in inbox(owner)] == [1, 1, 3]


def test_a_batch_tells_a_person_once(owner: Client, member: Client, north: Company) -> None:
    made = owner.post("/api/tasks/bulk", {"create": [{"title": f"T{n}"} for n in range(1000)]}).json
    ids = [item["id"] for item in made["created"]] if isinstance(made["created"], list) else range(1, 1001)
    update = [{"id": one, "assignee_ids": [north.people["member"]]} for one in ids]
    assert owner.post("/api/tasks/bulk", {"update": update}).status_int == 200
    (told,) = items(member)
    assert (told["kind"], told["count"], told["is_batch"]) == ("assigned", 1000, True)
    assert north.rows("SELECT count(*) FROM notification") == [(1,)]


def test_watching_can_be_chosen_left_and_muted(owner: Client, member: Client, north: Company) -> None:
    task = owner.create("/api/tasks", title="Roof")["id"]
    place = f"/api/tasks/{task}/watch"
    assert owner.read(place) == {"is_watching": True, "is_muted": False}
    assert member.read(place) == {"is_watching": False, "is_muted": False}
    assert member.put(place, {"is_watching": True}).json == {"is_watching": True, "is_muted": False}
    owner.patch(f"/api/tasks/{task}", {"description": "1"})
    assert inbox(member) == [("watched", "Roof", 1)]
    member.put(place, {"is_watching": False})
    owner.put(place, {"is_muted": True})
    north.client("admin").patch(f"/api/tasks/{task}", {"description": "2"})
    assert inbox(owner) == []
    assert inbox(member) == [("watched", "Roof", 1)]
    # Who is muted hears what is meant for them.
    member.create(f"/api/tasks/{task}/entries", body=named(north.people["owner"]))
    assert inbox(owner) == [("mentioned", "Roof", 1)]
    # Writing on it does not bring back what was left.
    assert member.read(place)["is_watching"] is False
    assert owner.put("/api/tasks/999/watch", {"is_watching": True}).status_int == 404
    assert owner.get("/api/tasks/999/watch").status_int == 404
    assert owner.put(place, {"is_watching": None}).status_int == 422


def test_what_was_imported_is_watched_by_nobody(owner: Client, member: Client) -> None:
    files = [("file", "people.csv", b"First name,E-mail\nAda,ada@acme.eu\n")]
    headers = {"Authorization": f"Bearer {owner.token}"}
    owner.app.post("/api/contacts/import", upload_files=files, headers=headers)
    (contact,) = owner.ids("/api/contacts")
    assert owner.read(f"/api/contacts/{contact}/watch")["is_watching"] is False
    member.patch(f"/api/contacts/{contact}", {"note": "New"})
    assert inbox(owner) == []


def test_settings_say_what_is_told(owner: Client, member: Client, north: Company) -> None:
    place = "/api/profile/notifications"
    kinds = member.read(place)["kinds"]
    assert kinds["mentioned"] == {"shown": True, "mail": "soon"}
    assert kinds["watched"] == {"shown": True, "mail": "digest"}
    changed = member.patch(place, {"kinds": {"assigned": {"shown": False}, "due": {"mail": "never"}}}).json
    assert changed["kinds"]["assigned"] == {"shown": False, "mail": "soon"}
    assert member.read(place) == changed
    assert owner.read(place)["kinds"]["assigned"]["shown"] is True
    owner.create("/api/tasks", title="Roof", assignee_ids=[north.people["member"]])
    assert inbox(member) == []
    for wrong in (
        {"kinds": {"assigned": {"mail": "hourly"}}},
        {"kinds": {"won": {"shown": True}}},
        {"kinds": {"due": {"shown": None}}},
        {"shown": True},
        {"kinds": []},
    ):
        assert member.patch(place, wrong).status_int == 422, wrong


def test_reading_and_doing(owner: Client, member: Client, north: Company) -> None:
    me = [north.people["member"]]
    for number in range(3):
        owner.create("/api/tasks", title=str(number), assignee_ids=me)
    first, second, third = (item["id"] for item in items(member))
    read = member.patch(f"/api/notifications/{first}", {"is_read": True}).json
    assert read["read_at"] is not None
    assert member.patch(f"/api/notifications/{first}", {"is_read": True}).json == read
    assert member.read("/api/notifications/count") == {"unread": 2}
    assert member.patch(f"/api/notifications/{first}", {"is_read": False}).json["read_at"] is None
    assert member.post("/api/notifications/bulk", {"done": [first, second]}).json == {"count": 2}
    assert [item["id"] for item in items(member)] == [third]
    assert [item["id"] for item in items(member, state="done")] == [first, second]
    member.patch(f"/api/notifications/{first}", {"is_done": False})
    assert member.post("/api/notifications/bulk", {"read": "all"}).json == {"count": 2}
    assert member.post("/api/notifications/bulk", {"done": "all"}).json == {"count": 2}
    assert member.read("/api/notifications")["unread"] == 0
    for wrong in ({"read": "some"}, {"done": ["1"]}, {"done": "none"}, {"done": [0]}, {"open": "all"}):
        assert member.post("/api/notifications/bulk", wrong).status_int == 422, wrong
    assert member.patch(f"/api/notifications/{first}", {"is_read": "yes"}).status_int == 422
    assert owner.patch(f"/api/notifications/{first}", {"is_read": True}).status_int == 404


def test_pages_hold_each_once_and_kinds_are_asked_for(owner: Client, member: Client, north: Company) -> None:
    me = [north.people["member"]]
    for number in range(5):
        owner.create("/api/tasks", title=str(number), assignee_ids=me)
    owner.create("/api/tasks/1/entries", body=named(me[0]))
    seen, page = [], member.read("/api/notifications", limit=2, kind="assigned")
    while True:
        assert page["unread"] == 6
        seen += [item["title"] for item in page["items"]]
        if page["next"] is None:
            break
        page = member.read(page["next"])
    assert seen == ["4", "3", "2", "1", "0"]
    assert inbox(member, kind="mentioned") == [("mentioned", "0", 1)]
    assert inbox(member, kind="due") == []
    following = member.read("/api/notifications", limit=2)["next_cursor"]
    assert owner.get("/api/notifications", cursor=following).status_int == 400
    for wrong in ({"state": "all"}, {"kind": "won"}, {"limit": 0}, {"cursor": "x"}, {"unread": "1"}):
        assert member.get("/api/notifications", **wrong).status_int == 400, wrong


def test_what_is_in_the_trash_is_told_no_more(owner: Client, member: Client, north: Company) -> None:
    me = [north.people["member"]]
    project = owner.create("/api/projects", name="House")["id"]
    task = owner.create("/api/tasks", title="Roof", assignee_ids=me, project_id=project)["id"]
    entry = owner.create(f"/api/tasks/{task}/entries", body=named(me[0]))["id"]
    assert len(items(member)) == 2
    owner.delete(f"/api/entries/{entry}")
    assert inbox(member) == [("assigned", "Roof", 1)]
    owner.delete(f"/api/projects/{project}")
    assert inbox(member) == []
    assert member.read("/api/notifications/count") == {"unread": 0}
    assert north.rows("SELECT count(*) FROM notification") == [(0,)]


@pytest.mark.parametrize("how", ["removed", "suspended"])
def test_who_is_no_member_or_suspended_is_not_told(
    how: str, owner: Client, member: Client, north: Company
) -> None:
    (person,) = north.join("member")
    task = owner.create("/api/tasks", title="Roof", assignee_ids=[person, north.people["member"]])["id"]
    north.execute("DELETE FROM notification")
    with north.platform.databases.catalog.begin() as session:
        if how == "removed":
            session.get_one(Membership, (person, north.id)).state = "removed"
        else:
            session.get_one(Login, person).is_active = False
    owner.patch(f"/api/tasks/{task}", {"description": "New"})
    assert north.rows("SELECT person_id FROM notification") == [(north.people["member"],)]


def test_two_at_once_are_one(owner: Client, north: Company) -> None:
    task = owner.create("/api/tasks", title="Roof")["id"]
    writers = [north.client(role) for role in ("member", "admin")] * 4
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(
                lambda two: two[1].create(f"/api/tasks/{task}/entries", body=str(two[0]))["id"],
                enumerate(writers),
            )
        )
    assert len(set(answers)) == 8
    assert inbox(owner) == [("watched", "Roof", 8)]


def test_a_person_in_two_companies_is_told_in_each_of_its_own(north: Company, south: Company) -> None:
    person = north.people["member"]
    with north.platform.databases.catalog.begin() as session:
        session.add(Membership(user_id=person, tenant_id=south.id, role="member"))
    try:
        north.client().create("/api/tasks", title="In North", assignee_ids=[person])
        south.client().create("/api/tasks", title="In South", assignee_ids=[person])
        in_south = Client(south.app, south.platform.identity.tokens.issue(person, south.id, 1))
        assert inbox(north.client("member")) == [("assigned", "In North", 1)]
        assert inbox(in_south) == [("assigned", "In South", 1)]
    finally:
        with north.platform.databases.catalog.begin() as session:
            session.delete(session.get_one(Membership, (person, south.id)))


def test_what_is_private_is_told_to_nobody(owner: Client, north: Company) -> None:
    view = owner.create("/api/views", name="Mine", page="tasks", query={}, is_shared=False)["id"]
    owner.patch(f"/api/views/{view}", {"name": "Ours", "is_shared": True})
    north.client("admin").patch(f"/api/views/{view}", {"name": "Ours, all of us"})
    assert north.rows("SELECT count(*) FROM notification") == [(0,)]


def test_what_is_taken_back_is_told_to_nobody_anew(owner: Client, member: Client, north: Company) -> None:
    ids = [
        owner.create("/api/tasks", title=str(n), assignee_ids=[north.people["member"]])["id"] for n in (1, 2)
    ]
    update = [{"id": one, "assignee_ids": []} for one in ids]
    batch = owner.post("/api/tasks/bulk", {"update": update}).headers["Batch"]
    assert inbox(member) == []
    assert owner.post(f"/api/batches/{batch}/undo").status_int == 200
    assert owner.read("/api/tasks/1")["assignee_ids"] == [north.people["member"]]
    assert inbox(member) == []


def test_an_unknown_id_is_not_told(owner: Client) -> None:
    assert owner.create("/api/tasks", title="Roof")["id"]
    refused = owner.post("/api/tasks", {"title": "Roof", "assignee_ids": [new_id("u")]})
    assert refused.status_int == 422


def test_told_again_counts_from_the_first(owner: Client, member: Client, north: Company) -> None:
    """An hour of edits does not put a mail off: what is added does not count from anew."""
    task = owner.create("/api/tasks", title="Roof")["id"]
    member.patch(f"/api/tasks/{task}", {"description": "1"})
    north.execute(
        "UPDATE notification SET since = since - interval '10 minutes', at = at - interval '10 minutes'"
    )
    member.patch(f"/api/tasks/{task}", {"description": "2"})
    ((since, at),) = north.rows("SELECT since, at FROM notification")
    assert at - since >= timedelta(minutes=10)
