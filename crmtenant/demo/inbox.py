"""What the people of the demo company were told in the last weeks: most of it read, much of it done, nothing mailed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import ARRAY, Text, bindparam, text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_TELL = text("""
    INSERT INTO notification (person_id, kind, at, since, by, noun, row_id, entry_id, count, is_batch, read_at, done_at,
        mailed_at)
    WITH person AS (SELECT unnest(:people) AS id),
    happened AS (
        SELECT person.id AS person_id, 'mentioned' AS kind, entry.happened_at AS at, entry.created_by AS by,
            entry.subject_type AS noun, entry.subject_id AS row_id, entry.id AS entry_id
        FROM person JOIN entry ON person.id = ANY (entry.mentions)
        UNION ALL
        SELECT person.id, 'replied', entry.happened_at, entry.created_by, entry.subject_type, entry.subject_id, entry.id
        FROM person
        JOIN entry AS parent ON parent.created_by = person.id
        JOIN entry ON entry.parent_id = parent.id AND NOT person.id = ANY (entry.mentions)
        UNION ALL
        SELECT person.id, 'watched', entry.happened_at, entry.created_by, 'project', project.id, entry.id
        FROM person
        JOIN project ON person.id = ANY (project.member_ids)
        JOIN entry ON entry.subject_type = 'project' AND entry.subject_id = project.id AND entry.parent_id IS NULL
        UNION ALL
        SELECT person.id, 'assigned', now() - (task.id % 40) * interval '9 hours' - interval '2 hours', task.created_by,
            'task', task.id, NULL
        FROM person JOIN task ON person.id = ANY (task.assignee_ids) AND task.status = 'open'
    ),
    once AS (
        SELECT DISTINCT ON (person_id, kind, noun, row_id) * FROM happened
        WHERE by <> person_id AND at < now()
        ORDER BY person_id, kind, noun, row_id, at DESC
    ),
    placed AS (SELECT *, row_number() OVER (PARTITION BY person_id ORDER BY at DESC) AS place FROM once)
    SELECT person_id, kind, at, at, by, noun, row_id, entry_id, 1, false,
        CASE WHEN place > 5 THEN least(at + interval '3 hours', now()) END,
        CASE WHEN place > 12 THEN least(at + interval '4 hours', now()) END,
        at
    FROM placed WHERE place <= 40
    ORDER BY at
""").bindparams(bindparam("people", type_=ARRAY(Text)))


def tell_people(session: Session, people: Iterable[str]) -> None:
    """Fill the inboxes of these people from what is written, assigned and said already."""
    session.execute(_TELL, {"people": sorted(set(people))})
