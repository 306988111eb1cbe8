"""What owners ask for, as the API takes it: who may, what is refused, and that no answer names where anything is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crmtenant.clock import now
from crmtenant.ids import new_id
from crmtenant.models.catalog.company_job import CompanyJob
from crmtenant.resources.company import CompanyBackup
from crmtenant.services.jobs.company_jobs import CompanyJobRunner
from crmtenant.services.tenants.job_files import DIRECTORY, KEPT
from tests.functional.furnishing import OPAQUE, forget_requests, furnish
from tests.functional.installation import Company
from tests.nouns import NOUNS


@pytest.fixture
def north(north: Company) -> Company:
    forget_requests(north)
    return north


def work(company: Company) -> None:
    """What a worker does."""
    platform = company.platform
    CompanyJobRunner(platform.databases.catalog, platform.operations.apart, NOUNS).run_waiting()


def followed(company: Company, answer: Any) -> dict[str, Any]:
    """The job that was asked for, once a worker has done it."""
    assert answer.status_int == 202, answer.text
    work(company)
    job: dict[str, Any] = company.client().read(answer.headers["Location"])
    _names_no_place(company, answer.text + str(job))
    return job


def _names_no_place(company: Company, text: str) -> None:
    settings = company.platform.settings
    for secret in (company.address.database, str(settings.backup_dir), company.address.host, "t_"):
        assert secret not in text


def test_an_owner_makes_a_backup_and_a_new_company_of_it(north: Company) -> None:
    furnish(north)
    owner = north.client()
    job = followed(north, owner.post("/api/company/backups"))
    assert (job["state"], job["progress"], job["problem"]) == ("done", 100, None)
    backup = owner.read("/api/company/backups")["items"][0]
    assert (backup["id"], backup["is_sound"]) == (job["backup_id"], True)
    path = f"/api/company/backups/{backup['id']}/restore"
    restored = followed(north, owner.post(path, {"name": "North in May"}))
    assert restored["company"]["name"] == "North in May"
    companies = owner.post("/api/sessions/switch", {"company": restored["company"]["id"]})
    assert (
        companies.status_int == 401
    )  # the test's tokens have no sign-in; that it is a member is what counts
    token = north.platform.identity.tokens.issue(north.people["owner"], restored["company"]["id"], 1)
    there = type(owner)(north.app, token)
    assert len(there.read("/api/contacts")["items"]) == len(owner.read("/api/contacts")["items"])
    assert [member["role"] for member in there.read("/api/members")["items"]] == ["owner"]
    stranger = north.platform.identity.tokens.issue(north.people["admin"], restored["company"]["id"], 1)
    assert type(owner)(north.app, stranger).get("/api/contacts").status_int == 401


def test_a_sandbox_says_when_it_ends(north: Company) -> None:
    job = followed(north, north.client().post("/api/company/sandboxes", {"name": "Trial", "days": 3}))
    assert job["company"]["expires_at"] is not None
    token = north.platform.identity.tokens.issue(north.people["owner"], job["company"]["id"], 1)
    there = type(north.client())(north.app, token)
    assert there.read("/api")["company"]["expires_at"] == job["company"]["expires_at"]
    again = there.post("/api/company/sandboxes", {"name": "Copy of a copy"})
    assert (again.status_int, again.json["code"]) == (409, "is_sandbox")
    allowance = north.client().read("/api/company/jobs/allowances")["sandbox"]
    assert allowance["used"] >= 1


def test_one_at_a_time_and_it_can_be_cancelled(north: Company) -> None:
    owner = north.client()
    job = owner.post("/api/company/backups").json
    again = owner.post("/api/company/sandboxes", {"name": "Trial"})
    assert (again.status_int, again.json["code"]) == (409, "job_running")
    cancelled = owner.post(f"/api/company/jobs/{job['id']}/cancel")
    assert (cancelled.status_int, cancelled.json["state"]) == (202, "cancelled")
    again = owner.post(f"/api/company/jobs/{job['id']}/cancel")
    assert (again.status_int, again.json["code"]) == (409, "job_ended")
    assert [one["id"] for one in owner.read("/api/company/jobs")["items"]] == [job["id"]]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"name": "Trial\nrun"}, "/name"),
        ({"name": "Trial", "days": 0}, "/days"),
        ({"name": "Trial", "days": 91}, "/days"),
        ({"name": "Trial", "days": 1.5}, "/days"),
        ({"name": "Trial", "is_masked": "yes"}, "/is_masked"),
        ({"name": "Trial", "company": "c_other"}, "/company"),
    ],
)
def test_what_is_wrong_is_named(body: dict[str, Any], pointer: str, north: Company) -> None:
    answer = north.client().post("/api/company/sandboxes", body)
    assert answer.status_int == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
    assert north.client().read("/api/company/jobs")["items"] == []


@pytest.mark.parametrize("role", ["admin", "member", "viewer"])
def test_only_owners_ask(role: str, north: Company) -> None:
    client = north.client(role)
    assert client.post("/api/company/backups").status_int == 403
    assert client.post("/api/company/sandboxes", {"name": "Trial"}).status_int == 403
    assert client.get("/api/company/jobs").status_int == 403


def test_a_backup_is_downloaded_as_a_file_that_an_empty_company_takes(north: Company, south: Company) -> None:
    """What the company had when the backup was made, whatever it has now."""
    furnish(north)
    owner = north.client()
    backup_id = followed(north, owner.post("/api/company/backups"))["backup_id"]
    before = {one["name"] for one in owner.read("/api/contacts", limit=200)["items"]}
    owner.create("/api/contacts", given_name="Later", family_name="On")
    job = followed(north, owner.post(f"/api/company/backups/{backup_id}/file"))
    assert (job["state"], job["kind"], job["backup_id"], job["problem"]) == ("done", "file", backup_id, None)
    assert job["file_until"] > job["ended_at"]
    answer = owner.get(f"/api/company/jobs/{job['id']}/file")
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{north.slug}-')
    brought = south.client().raw(
        "POST", "/api/company/import", answer.body, {"Content-Type": "application/zip"}
    )
    assert brought.status_int == 200, brought.text
    assert {one["name"] for one in south.client().read("/api/contacts", limit=200)["items"]} == before
    # Nobody else's, and only an owner's.
    for client in (south.client(), north.client("admin"), north.client("viewer")):
        assert client.get(f"/api/company/jobs/{job['id']}/file").status_int in {403, 404}
    assert south.client().post(f"/api/company/backups/{backup_id}/file").status_int == 404


def test_a_file_is_there_once_it_is_made_and_for_a_day(north: Company) -> None:
    furnish(north)
    owner = north.client()
    backup_id = followed(north, owner.post("/api/company/backups"))["backup_id"]
    asked = owner.post(f"/api/company/backups/{backup_id}/file")
    place = f"{asked.headers['Location']}/file"
    assert owner.get(place).status_int == 404
    followed(north, asked)
    assert owner.get(place).status_int == 200
    (file,) = (north.platform.settings.backup_dir / DIRECTORY).glob(f"{asked.json['id']}*")
    assert file.stat().st_mode & 0o077 == 0
    with north.platform.databases.catalog.begin() as session:
        job = session.get_one(CompanyJob, asked.json["id"])
        job.ended_at = now() - KEPT - timedelta(seconds=1)
    assert owner.get(place).status_int == 404
    work(north)
    assert not file.exists()


def test_files_are_as_many_as_backups(north: Company) -> None:
    owner = north.client()
    limit = owner.read("/api/company/jobs/allowances")["file"]["limit"]
    assert limit == north.platform.settings.owner_backups_per_day
    backup_id = OPAQUE[CompanyBackup](north)
    with north.platform.databases.catalog.begin() as session:
        values = {
            "tenant_id": north.id,
            "kind": "file",
            "state": "done",
            "asked_by": "u_1",
            "started_at": now(),
        }
        session.add_all(CompanyJob(id=new_id("j"), **values) for _ in range(limit))
    again = owner.post(f"/api/company/backups/{backup_id}/file")
    assert (again.status_int, again.json["code"]) == (409, "files_used_up")
