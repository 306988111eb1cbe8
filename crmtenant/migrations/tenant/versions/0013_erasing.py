"""Erasing what is known of a contact, also from the log; and deleting for good without reading whole tables.

An index by which PostgreSQL finds what refers to a row has to hold the trash too.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from crmtenant.db.schema.migrations import role

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

REFERENCES = (
    ("ix_contact_organization", "contact", "organization_id"),
    ("ix_project_contact", "project", "contact_id"),
    ("ix_task_contact", "task", "contact_id"),
    ("ix_task_parent", "task", "parent_id"),
    ("ix_entry_parent", "entry", "parent_id"),
)
WITHIN_PROJECTS = (("ix_task_project", "task"), ("ix_board_column_project", "board_column"))

WITHOUT_MENTIONS = r"""
CREATE FUNCTION without_mentions(given jsonb, pattern text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    RETURN CASE jsonb_typeof(given)
        WHEN 'string' THEN to_jsonb(regexp_replace(given #>> '{}', pattern, 'erased', 'gi'))
        WHEN 'array' THEN (
            SELECT coalesce(jsonb_agg(public.without_mentions(element, pattern) ORDER BY place), '[]')
            FROM jsonb_array_elements(given) WITH ORDINALITY AS held (element, place)
        )
        WHEN 'object' THEN (
            SELECT coalesce(jsonb_object_agg(key, public.without_mentions(value, pattern)), '{}')
            FROM jsonb_each(given)
        )
        ELSE given
    END;
END
$function$
"""
"""Every text in a JSON value, with `erased` in the place of what matches."""

MENTIONS_OF = r"""
CREATE FUNCTION mentions_of(words text[], OUT pattern text, OUT likes text[])
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT
        '(?<!\w)(?:' || string_agg(regexp_replace(word, '([^\w\s])', '\\\1', 'g'), '|' ORDER BY length(word) DESC)
            || ')(?!\w)',
        coalesce(array_agg('%' || regexp_replace(trim(BOTH '"' FROM to_jsonb(word)::text), '([\\%_])', '\\\1', 'g') || '%'), '{}')
    FROM unnest(words) AS known (word)
$function$
"""
"""How texts with these words are recognised: whole words in a text, and anywhere in the JSON that holds it."""

ERASE_CONTACT = r"""
CREATE FUNCTION erase_contact(erased_id bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $function$
DECLARE
    own_entries bigint[];
    own_batches bigint[];
    known jsonb;
    points text[];
    names text[];
    anywhere record;
    about_them record;
BEGIN
    PERFORM FROM contact WHERE id = erased_id AND deleted_at IS NOT NULL FOR UPDATE;
    IF NOT FOUND THEN
        RAISE no_data_found USING MESSAGE = 'only a contact in the trash can be erased';
    END IF;
    SELECT coalesce(array_agg(id), '{}') INTO own_entries
        FROM entry WHERE subject_type = 'contact' AND subject_id = erased_id;
    SELECT coalesce(array_agg(DISTINCT batch_id), '{}') INTO own_batches
        FROM batch_row WHERE noun = 'contact' AND row_id = erased_id;

    -- What they are called and reached by, and were.
    SELECT jsonb_agg(jsonb_build_array(field, value)) INTO known FROM (
        SELECT field, value
        FROM contact CROSS JOIN jsonb_each(to_jsonb(contact)) AS held (field, value)
        WHERE contact.id = erased_id
        UNION ALL
        SELECT field, value
        FROM change CROSS JOIN jsonb_each(change.changes) AS pair (field, two)
            CROSS JOIN jsonb_array_elements(two) AS held (value)
        WHERE change.noun = 'contact' AND change.row_id = erased_id
        UNION ALL
        SELECT field, value
        FROM batch_row CROSS JOIN jsonb_each(before) AS held (field, value)
        WHERE batch_row.noun = 'contact' AND batch_row.row_id = erased_id
    ) AS every WHERE field IN ('name', 'given_name', 'family_name', 'nickname', 'emails', 'phones', 'urls');
    SELECT coalesce(array_agg(DISTINCT word), '{}') INTO points FROM (
        SELECT btrim(point ->> key) AS word
        FROM jsonb_array_elements(known) AS every (one)
            CROSS JOIN jsonb_array_elements(CASE jsonb_typeof(one -> 1) WHEN 'array' THEN one -> 1 ELSE '[]' END) AS list (point)
            CROSS JOIN unnest(ARRAY['value', 'e164']) AS kind (key)
    ) AS found WHERE length(word) > 3;
    SELECT coalesce(array_agg(DISTINCT word), '{}') INTO names FROM (
        SELECT btrim(one ->> 1) AS word FROM jsonb_array_elements(known) AS every (one)
        WHERE jsonb_typeof(one -> 1) = 'string'
        UNION ALL
        SELECT btrim(concat_ws(' ', given_name, family_name)) FROM contact WHERE id = erased_id
        UNION ALL
        SELECT btrim(concat_ws(', ', family_name, given_name)) FROM contact WHERE id = erased_id
    ) AS found WHERE length(word) > 1;
    -- A name of one word is many people's: it is theirs where something is about them.
    SELECT * INTO anywhere FROM mentions_of(
        points || ARRAY(SELECT name FROM unnest(names) AS known (name) WHERE name ~ '\S\s+\S')
    );
    SELECT * INTO about_them FROM mentions_of(points || names);

    UPDATE change SET changes = (
        SELECT jsonb_object_agg(field, (
            SELECT jsonb_agg(CASE jsonb_typeof(value) WHEN 'null' THEN value ELSE '"erased"' END ORDER BY place)
            FROM jsonb_array_elements(two) WITH ORDINALITY AS held (value, place)
        ))
        FROM jsonb_each(changes) AS pair (field, two)
    )
    WHERE changes <> '{}' AND (
        (noun = 'contact' AND row_id = erased_id)
        OR (noun = 'entry' AND row_id = ANY (own_entries))
        OR (
            noun = 'entry' AND contact_ids <> '{}' AND contact_ids @> ARRAY[erased_id]
            AND NOT EXISTS (SELECT FROM entry WHERE entry.id = change.row_id)
        )
    );
    UPDATE change SET changes = without_mentions(changes, about_them.pattern)
    WHERE contact_ids <> '{}' AND contact_ids @> ARRAY[erased_id] AND changes::text ILIKE ANY (about_them.likes);
    UPDATE change SET changes = without_mentions(changes, anywhere.pattern)
    WHERE changes::text ILIKE ANY (anywhere.likes);

    DELETE FROM batch_row
    WHERE (noun = 'contact' AND row_id = erased_id) OR (noun = 'entry' AND row_id = ANY (own_entries));
    UPDATE batch_row SET before = without_mentions(before, anywhere.pattern)
    WHERE before::text ILIKE ANY (anywhere.likes);
    UPDATE batch SET summary = without_mentions(summary, about_them.pattern)
    WHERE id = ANY (own_batches) AND summary::text ILIKE ANY (about_them.likes);
    UPDATE batch SET summary = without_mentions(summary, anywhere.pattern)
    WHERE summary::text ILIKE ANY (anywhere.likes);

    DELETE FROM contact WHERE id = erased_id;
END
$function$
"""


def upgrade() -> None:
    """Bring the schema to this revision."""
    for name, table, column in REFERENCES:
        op.drop_index(name, table)
        op.create_index(name, table, [column], postgresql_where=sa.text(f"{column} IS NOT NULL"))
    op.create_index(
        "ix_task_column", "task", ["column_id"], postgresql_where=sa.text("column_id IS NOT NULL")
    )
    for name, table in WITHIN_PROJECTS:
        op.drop_index(name, table)
        op.create_index(name, table, ["project_id", "position", "id"])
    for function in (WITHOUT_MENTIONS, MENTIONS_OF, ERASE_CONTACT):
        op.execute(function)
    for function in ("without_mentions(jsonb, text)", "mentions_of(text[])", "erase_contact(bigint)"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION erase_contact(bigint) TO {role('writer')}")
