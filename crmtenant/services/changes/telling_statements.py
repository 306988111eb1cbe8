"""The statements that tell people of acts, and forget what is pointless to tell."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import ARRAY, BigInteger, DateTime, Text, TextClause, all_, any_, bindparam, delete, text

from crmtenant.models.tenant.notification import Notification, NotificationSetting, Watch
from crmtenant.services.changes.acts import TELLING
from crmtenant.services.entities.entity_type import EntityType, entity_named

BY_HAND = "person"
"""The cause of what is done by hand; nothing else is told."""

FORGET_PEOPLE = delete(Notification).where(
    Notification.person_id == any_(bindparam("people", type_=ARRAY(Text)))
)
FORGET_OTHERS = tuple(
    delete(model).where(model.person_id != all_(bindparam("members", type_=ARRAY(Text))))
    for model in (Notification, Watch, NotificationSetting)
)
"""Delete what is told to, watched and chosen by people who are none of the `members`."""
FORGET_ROWS = tuple(
    delete(model).where(
        model.noun == bindparam("noun", type_=Text),
        model.row_id == any_(bindparam("row_ids", type_=ARRAY(BigInteger))),
    )
    for model in (Notification, Watch)
)
FORGET = text("""
    WITH gone AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(CAST(:gone AS jsonb))
            AS gone (noun text, row_id bigint, entry_id bigint, person text, kind text)
    ),
    of_records AS (
        DELETE FROM notification USING gone
        WHERE gone.person IS NULL AND notification.noun = gone.noun AND notification.row_id = gone.row_id
            AND NOT notification.is_batch
    ),
    of_entries AS (
        DELETE FROM notification USING gone
        WHERE gone.person IS NULL AND notification.entry_id = gone.entry_id AND notification.count = 1
    ),
    withdrawn AS (
        DELETE FROM notification USING gone
        WHERE notification.person_id = gone.person AND notification.kind = gone.kind
            AND (gone.entry_id IS NULL OR notification.entry_id = gone.entry_id)
            AND (gone.row_id IS NULL OR (notification.noun = gone.noun AND notification.row_id = gone.row_id))
            AND notification.read_at IS NULL AND notification.done_at IS NULL AND notification.mailed_at IS NULL
            AND notification.count = 1 AND NOT notification.is_batch
    )
    SELECT NULL
""").bindparams(bindparam("gone", type_=Text))


@lru_cache(maxsize=64)
def tell(watched: tuple[EntityType, ...], entry_nouns: tuple[str, ...]) -> TextClause:
    """Return the statement that tells of acts and returns who was told."""
    return text(f"""
    WITH act AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(CAST(:acts AS jsonb)) AS act (number integer, noun text, row_id bigint,
            by text, named jsonb, is_watched boolean, entry_id bigint, parent_id bigint, entry_noun text)
    ),
    commented AS (
        INSERT INTO watch (noun, row_id, person_id, is_watching, is_muted)
        SELECT DISTINCT noun, row_id, by, true, false FROM act WHERE entry_noun IS NOT NULL
        ON CONFLICT (noun, row_id, person_id) DO NOTHING
    ),
    concerned AS (
        SELECT act.number, named.person, named.rank
        FROM act CROSS JOIN jsonb_to_recordset(act.named) AS named (person text, rank integer)
        {"".join(_authors_of_parents(noun) for noun in entry_nouns)}
        UNION ALL
        SELECT act.number, watch.person_id, 4
        FROM act JOIN watch ON watch.noun = act.noun AND watch.row_id = act.row_id
        WHERE act.is_watched AND watch.is_watching
        {"".join(map(_people_of_records, watched))}
    ),
    reached AS (
        SELECT concerned.person, concerned.rank, act.*
        FROM concerned
        JOIN act USING (number)
        LEFT JOIN watch ON watch.noun = act.noun AND watch.row_id = act.row_id AND watch.person_id = concerned.person
        LEFT JOIN notification_setting AS setting ON setting.person_id = concerned.person
            AND setting.kind = ({_KINDS})[concerned.rank]
        WHERE concerned.person <> act.by AND coalesce(setting.is_shown, true)
            AND (concerned.rank IN (1, 3) OR NOT coalesce(watch.is_muted, false))
            AND (concerned.rank <> 4 OR coalesce(watch.is_watching, true))
    ),
    counted AS (
        SELECT person, rank, count(DISTINCT (noun, row_id)) AS records FROM reached GROUP BY person, rank
    ),
    told AS (
        SELECT DISTINCT ON (reached.person) reached.person, ({_KINDS})[reached.rank] AS kind, reached.noun,
            reached.row_id, reached.by, counted.records, counted.records > 1 AS is_batch,
            CASE WHEN counted.records = 1 THEN reached.entry_id END AS entry_id
        FROM reached JOIN counted USING (person, rank)
        ORDER BY reached.person, reached.rank, reached.number
    ),
    open AS (
        SELECT DISTINCT ON (told.person) notification.id, told.*
        FROM told JOIN notification ON notification.person_id = told.person AND notification.kind = told.kind
            AND notification.noun = told.noun AND notification.is_batch = told.is_batch
            AND (told.is_batch OR notification.row_id = told.row_id)
        WHERE notification.read_at IS NULL AND notification.done_at IS NULL
            AND notification.since > :together_since
        ORDER BY told.person, notification.id DESC
    ),
    added AS (
        UPDATE notification
        SET count = notification.count + open.records, at = :told_at, by = open.by,
            entry_id = coalesce(open.entry_id, notification.entry_id)
        FROM open WHERE notification.id = open.id
    ),
    new AS (
        INSERT INTO notification (person_id, kind, at, since, by, noun, row_id, entry_id, count, is_batch)
        SELECT person, kind, :told_at, :told_at, by, noun, row_id, entry_id, records, is_batch
        FROM told WHERE NOT EXISTS (SELECT FROM open WHERE open.person = told.person)
    )
    SELECT array_agg(person) FROM told
    """).bindparams(  # noqa: S608 (names of ours)
        bindparam("acts", type_=Text),
        bindparam("told_at", type_=DateTime(timezone=True)),
        bindparam("together_since", type_=DateTime(timezone=True)),
    )


_KINDS = f"ARRAY[{', '.join(repr(kind) for kind in TELLING)}]"


def _authors_of_parents(noun: str) -> str:
    """Return the part that finds who wrote what is replied to."""
    table = entity_named(noun).table.name
    return f"""
        UNION ALL
        SELECT act.number, parent.created_by, 2
        FROM act JOIN {table} AS parent ON act.entry_noun = '{noun}' AND parent.id = act.parent_id"""  # noqa: S608 (names of ours)


def _people_of_records(entity: EntityType) -> str:
    """Return the part that finds who made a record by hand, and whom it names."""
    record = f"{entity.table.name} AS record ON act.noun = '{entity.name}' AND record.id = act.row_id"
    return f"""
        UNION ALL
        SELECT act.number, record.created_by, 4
        FROM act JOIN {record}
        WHERE act.is_watched AND record.created_by <> act.by AND NOT EXISTS (
            SELECT FROM change WHERE change.noun = act.noun AND change.row_id = act.row_id
                AND change.verb = 'created' AND change.cause <> '{BY_HAND}'
        )
        UNION ALL
        SELECT act.number, named.person, 4
        FROM act JOIN {record} CROSS JOIN LATERAL unnest({_named_by(entity)}) AS named (person)
        WHERE act.is_watched AND named.person IS NOT NULL"""  # noqa: S608 (names of ours)


def _named_by(entity: EntityType) -> str:
    columns = (entity.table.c[name] for name in entity.user_columns)
    lists = (
        f"record.{column.name}" if isinstance(column.type, ARRAY) else f"ARRAY[record.{column.name}]"
        for column in columns
    )
    return " || ".join(("'{}'::text[]", *lists)).replace(":", "\\:")
