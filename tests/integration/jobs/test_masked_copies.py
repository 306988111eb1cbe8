"""A copy of a company in which nothing that people wrote is left."""

from __future__ import annotations

import json

from sqlalchemy import ARRAY, Text
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from crmtenant.models.tenant import metadata
from crmtenant.services.crm.masking import EMPTIED, KEPT, masked_columns
from tests.integration.jobs.asking import sandbox
from tests.integration.saving import address_of

WORDS = "Zanzibar"


def test_nothing_that_people_wrote_is_in_a_masked_copy(installation, owner, jobs, runner):
    with installation.broker.begin(address_of(installation, owner.company_id)) as session:
        connection = session.connection()
        for statement in PLANTED:
            connection.exec_driver_sql(statement.replace("W!", WORDS))
    job = sandbox(jobs, owner, runner, is_masked=True)
    original = _everything(installation, owner.company_id)
    copy = _everything(installation, job.company_id)
    assert WORDS.lower() in original.lower()
    assert WORDS.lower() not in copy.lower()
    for table in ("contact", "project", "task", "board_column"):
        counts = (
            _rows(installation, company, f"SELECT count(*), count(deleted_at) FROM {table}")
            for company in (owner.company_id, job.company_id)
        )
        first, second = counts
        assert first == second


def test_a_masked_copy_can_be_searched_and_its_tags_still_tell_rows_apart(installation, owner, jobs, runner):
    job = sandbox(jobs, owner, runner, is_masked=True)
    found = _rows(
        installation,
        job.company_id,
        "SELECT id, name, name_key, emails->0->>'value', email_keys[1], phones->0->>'e164', phone_keys[1]"
        " FROM contact WHERE kind = 'person' AND emails <> '[]' AND phones <> '[]'"
        " AND search @@ 'person'::tsquery ORDER BY id LIMIT 1",
    )
    ((row_id, name, key, email, email_key, dialled, phone_key),) = found
    assert (name, key, email, email_key) == (
        f"Person {row_id}",
        f"person {row_id}",
        f"person{row_id}@example.com",
        f"person{row_id}@example.com",
    )
    assert dialled == phone_key
    by_tag = "SELECT tag, count(*) FROM {}, unnest({}) AS tag GROUP BY tag ORDER BY count(*)"
    for table, column in (("contact", "tags"), ("task", "labels")):
        question = by_tag.format(table, column)
        before, after = (
            [count for _, count in _rows(installation, company, question)]
            for company in (owner.company_id, job.company_id)
        )
        assert before == after


TEXTS = (Text, JSONB, ARRAY, TSVECTOR)


def test_every_column_that_holds_words_is_replaced_or_kept_with_a_reason():
    """Whoever adds a column decides whether it is personal."""
    masked = masked_columns("salt")
    for table in metadata.sorted_tables:
        if table.name in EMPTIED:
            continue
        words = {
            column.name
            for column in table.columns
            if isinstance(column.type, TEXTS) or column.name == "search"
        }
        decided = masked.get(table.name, {}).keys() | KEPT.get(table.name, frozenset())
        assert words - decided == set(), f"{table.name}: is it personal?"
        assert decided - {column.name for column in table.columns} == set()


PLANTED = (
    (
        "UPDATE contact SET name = 'W! ' || id, prefix = 'W!', given_name = 'W!', middle_name = 'W!', family_name = 'W!',"
        " suffix = 'W!', nickname = 'W!', job_title = 'W!', department = 'W!', note = 'W!', source = 'W!', tags = '{W!,b}',"
        ' custom = \'{"W!": "W!"}\', emails = \'[{"label": "W!", "value": "W!@w.example", "is_primary": true}]\','
        ' phones = \'[{"label": "W!", "value": "W!", "e164": "W!", "is_primary": true}]\','
        " addresses = '[{\"street\": \"W!\"}]', urls = '[{\"value\": \"W!\"}]', name_key = 'W!', match_key = 'W!',"
        " email_keys = '{W!}', phone_keys = '{W!}', countries = '{W!}', source_keys = '{W!}',"
        " search = to_tsvector('simple', 'W!')"
    ),
    (
        "UPDATE project SET name = 'W!', description = 'W!', tags = '{W!}', name_key = 'W!',"
        " search = to_tsvector('simple', 'W!')"
    ),
    "UPDATE board_column SET name = 'W!'",
    (
        "UPDATE task SET title = 'W!', description = 'W!', labels = '{W!}', title_key = 'W!',"
        " search = to_tsvector('simple', 'W!')"
    ),
    (
        "INSERT INTO saved_view (name, page, query, is_shared, name_key, created_at, updated_at, created_by, updated_by,"
        " version) VALUES ('W!', 'tasks', '{\"q\": \"W!\"}', true, 'W!', now(), now(), 'u', 'u', 1)"
    ),
    "INSERT INTO answer (user_id, key, request_hash, body, created_at) VALUES ('u', 'W!', '\\x00', 'W!', now())",
)


def _rows(installation, company_id, statement):
    ((database,),) = installation.rows("SELECT database FROM tenant WHERE id = :id", id=company_id)
    return installation.admin(statement, database=database)


def _everything(installation, company_id):
    """All rows of all tables as text."""
    found = []
    for table in metadata.sorted_tables:
        question = f"SELECT row_to_json(line)::text FROM {table.name} AS line"
        found += [text for (text,) in _rows(installation, company_id, question)]
    answers = _rows(
        installation, company_id, "SELECT convert_from(body, 'UTF8') FROM answer WHERE body IS NOT NULL"
    )
    return json.dumps([found, answers])
