"""Tasks below tasks, and changes of tasks at the same time as of what they belong to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from webtest import TestResponse

from tests.functional.installation import Client, Company

TO_DO, DOING, DONE = 1, 2, 3
_COLUMNS_GO = "UPDATE board_column SET deleted_at = now() WHERE project_id = 1"
_PROJECT_GOES = "UPDATE project SET deleted_at = now() WHERE id = 1"


@pytest.mark.parametrize("row_id", [1, 2, 3])
def test_a_task_is_never_below_itself(row_id: int, client: Client) -> None:
    client.create("/api/tasks", title="Top")
    client.create("/api/tasks/1/tasks", title="Sub")
    client.create("/api/tasks/2/tasks", title="Subsub")
    answer = client.patch("/api/tasks/1", {"parent_id": row_id})
    assert answer.status_int == 422
    assert ("/parent_id", "cycle") in {(f["pointer"], f["code"]) for f in answer.json["errors"]}


def test_two_who_give_tasks_parents_close_no_circle(client: Client, north: Company) -> None:
    for turn in range(6):
        one, other = (client.create("/api/tasks", title=f"{turn}")["id"] for _ in range(2))
        barrier = threading.Barrier(2)
        statuses: list[int] = []

        def adopt(row_id: int, parent_id: int, barrier: Any = barrier, statuses: Any = statuses) -> None:
            barrier.wait()
            statuses.append(north.client().patch(f"/api/tasks/{row_id}", {"parent_id": parent_id}).status_int)

        threads = [threading.Thread(target=adopt, args=pair) for pair in ((one, other), (other, one))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [200, 422]


def _answer_to_who_waits_for(
    statement: str, north: Company, ask: Callable[[Client], TestResponse]
) -> TestResponse:
    """The answer to who asks while somebody else has done this to the company and not committed it yet; it is given
    once they have."""
    answers: list[TestResponse] = []
    asking = threading.Thread(target=lambda: answers.append(ask(north.client())))
    with closing(north.address.connect()) as other, other.cursor() as cursor:
        cursor.execute(statement)
        asking.start()
        asking.join(0.5)
        assert answers == []
        other.commit()
        asking.join()
    (answer,) = answers
    return answer


def test_a_new_subtask_waits_for_whoever_takes_its_parent_elsewhere(client: Client, north: Company) -> None:
    parent = client.create("/api/projects/1/tasks", title="Parent")["id"]
    body = {"title": "Child", "parent_id": parent}
    answer = _answer_to_who_waits_for(
        f"UPDATE task SET project_id = 2, column_id = 4 WHERE id = {parent}",
        north,
        lambda asker: asker.post("/api/tasks", body),
    )
    assert (answer.status_int, answer.json["errors"][0]["pointer"]) == (422, "/parent_id")
    assert client.create("/api/tasks", **body)["project_id"] == 2


@pytest.mark.parametrize(
    ("statement", "column_id", "pointers"),
    [
        ("UPDATE board_column SET deleted_at = now() WHERE id = 2", DOING, ["/column_id"]),
        (_PROJECT_GOES, None, ["/project_id"]),
        (f"{_COLUMNS_GO}; {_PROJECT_GOES}", DOING, ["/project_id", "/column_id"]),
    ],
)
@pytest.mark.parametrize("is_new", [True, False])
def test_a_task_waits_for_whoever_throws_away_where_it_goes(
    is_new: bool, statement: str, column_id: int | None, pointers: list[str], client: Client, north: Company
) -> None:
    moved = client.create("/api/projects/2/tasks", title="Moved")["id"]
    body = {"project_id": 1, "column_id": column_id}
    if column_id is None:
        for column in (TO_DO, DOING, DONE):
            client.delete(f"/api/columns/{column}")

    def come(asker: Client) -> TestResponse:
        if is_new:
            return asker.post("/api/tasks", {"title": "New", **body})
        return asker.patch(f"/api/tasks/{moved}", body)

    answer = _answer_to_who_waits_for(statement, north, come)
    assert answer.status_int == 422
    assert [field_error["pointer"] for field_error in answer.json["errors"]] == pointers
    assert client.read(f"/api/tasks/{moved}")["project_id"] == 2
