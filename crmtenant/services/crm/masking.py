"""SQL that replaces everything people wrote in a copy of a company: names, addresses, numbers, notes, tags.

What is kept is the shape: how many rows there are, what belongs to what, dates, states, who did it. Each table is
rewritten once, so the time grows with the rows, and rewritten on the disk too, so that no older version of a row is
left in the copy's files.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping

from psycopg2 import sql

from crmtenant.services.duplicates.identity import name_of
from crmtenant.text.person_names import NAME_PARTS
from crmtenant.text.search_tokens import search_tokens

_NOTHING = sql.SQL("'{}'::text[]")
_NOTE = "A note was here."
_DOMAIN = "example.com"
#: The numbers of the German regulator for films and examples.
_PHONE, _PHONE_DIGITS = "+49 30 23125 ", "493023125"

#: What else people wrote or were given stays: none of it names anybody, or the row is of nobody without its text.
KEPT: Mapping[str, frozenset[str]] = {
    "contact": frozenset({"kind", "owner_id", "created_by", "updated_by", "deleted_by"}),
    "project": frozenset(
        {"status", "owner_id", "member_ids", "color", "created_by", "updated_by", "deleted_by"}
    ),
    "board_column": frozenset({"color", "created_by", "updated_by", "deleted_by"}),
    "task": frozenset(
        {"kind", "status", "assignee_ids", "recurrence", "created_by", "updated_by", "deleted_by"}
    ),
    "task_occurrence": frozenset({"rule"}),
    "entry": frozenset(
        {
            "kind",
            "subject_type",
            "contact_ids",
            "organization_ids",
            "direction",
            "outcome",
            "mentions",
            "created_by",
            "updated_by",
            "deleted_by",
        }
    ),
    "company": frozenset({"id", "name", "founder_id", "founder_name", "founder_email"}),
}
"""Columns of text that are not replaced, by table; those of `company` are written when the copy gets its name."""

EMPTIED = ("saved_view", "answer", "essentials", "change", "batch", "batch_row")
"""Tables whose rows are words alone: what people searched for, answers that were given, who belongs to the original."""


def masking_statements() -> Iterator[sql.Composable]:
    """Yield the statements, each a transaction of its own, in an order in which they can be run and run again."""
    salt = secrets.token_hex(16)
    for table in EMPTIED:
        yield sql.SQL("DELETE FROM public.{}").format(sql.Identifier(table))
    for table, columns in masked_columns(salt).items():
        assignments = (
            sql.SQL("{} = {}").format(sql.Identifier(name), value) for name, value in columns.items()
        )
        yield sql.SQL("UPDATE public.{} SET {}").format(
            sql.Identifier(table), sql.SQL(", ").join(assignments)
        )
    for table in (*EMPTIED, *masked_columns(salt)):
        yield sql.SQL("VACUUM (FULL, ANALYZE) public.{}").format(sql.Identifier(table))


def masked_columns(salt: str) -> dict[str, dict[str, sql.Composable]]:
    """Return what replaces each column, by table. Equal tags stay equal; without the salt nobody guesses which."""
    return {
        "contact": _contact(salt),
        "project": _named("Project", "name", "tags", "description", salt),
        "board_column": {"name": _numbered("Column")},
        "task": _named("Task", "title", "labels", "description", salt),
        "entry": {
            "body": sql.Literal(_NOTE),
            "title": _numbered("Entry"),
            "title_key": sql.SQL("lower({})").format(_numbered("Entry")),
            "search": _search(_tokens("Entry 0")),
        },
    }


def _contact(salt: str) -> dict[str, sql.Composable]:
    nothing, empty_list, empty_array = sql.SQL("NULL"), sql.SQL("'[]'"), sql.SQL("'{}'")
    has_email, has_phone = (
        sql.SQL("jsonb_array_length({}) > 0").format(sql.Identifier(name)) for name in ("emails", "phones")
    )
    last_three = sql.SQL("lpad((id % 1000)::text, 3, '0')")
    digits = sql.SQL("{} || {}").format(sql.Literal(_PHONE_DIGITS), last_three)
    email = _by_kind(_email("person"), _email("organization"))
    phone = sql.SQL("{} || {}").format(sql.Literal(_PHONE), last_three)
    searched = (
        _by_kind(_tokens("Person 0"), _tokens("Organization 0", is_organization=True)),
        _when(has_email, _by_kind(_tokens(f"person0@{_DOMAIN}"), _tokens(f"organization0@{_DOMAIN}"))),
        _when(has_phone, sql.SQL("ARRAY[{digits}, '-' || reverse({digits})]::text[]").format(digits=digits)),
        _when(sql.SQL("organization_id IS NOT NULL"), _tokens("Organization 0", number="organization_id")),
        _tag_tokens("tags", salt),
    )
    return {
        **dict.fromkeys((*NAME_PARTS, "nickname", "job_title", "department", "birthday", "source"), nothing),
        "given_name": _by_kind(sql.Literal("Person"), nothing),
        "family_name": _by_kind(sql.SQL("id::text"), nothing),
        "name": _by_kind(_numbered("Person"), _numbered("Organization")),
        "name_key": sql.SQL("lower({})").format(_by_kind(_numbered("Person"), _numbered("Organization"))),
        "match_key": _by_kind(_match_key("person"), _match_key("organization")),
        "emails": _when(has_email, _entry(value=email), empty_list),
        "email_keys": _when(has_email, sql.SQL("ARRAY[{}]").format(email), empty_array),
        "phones": _when(has_phone, _entry(value=phone, e164=sql.SQL("'+' || {}").format(digits)), empty_list),
        "phone_keys": _when(
            has_phone, sql.SQL("ARRAY['+' || {digits}, {digits}]").format(digits=digits), empty_array
        ),
        "addresses": empty_list,
        "urls": empty_list,
        "countries": empty_array,
        "note": _note("note"),
        "tags": _tags("tags", salt),
        "custom": empty_array,
        "source_keys": empty_array,
        "search": _search(*searched),
    }


def _named(noun: str, title: str, tags: str, text: str, salt: str) -> dict[str, sql.Composable]:
    return {
        title: _numbered(noun),
        f"{title}_key": sql.SQL("lower({})").format(_numbered(noun)),
        tags: _tags(tags, salt),
        text: _note(text),
        "search": _search(_tokens(f"{noun} 0"), _tag_tokens(tags, salt)),
    }


def _numbered(noun: str) -> sql.Composable:
    return sql.SQL("{} || id").format(sql.Literal(f"{noun} "))


def _email(noun: str) -> sql.Composable:
    return sql.SQL("{} || id || {}").format(sql.Literal(noun), sql.Literal(f"@{_DOMAIN}"))


def _by_kind(person: sql.Composable, organization: sql.Composable) -> sql.Composable:
    return sql.SQL("CASE kind WHEN 'organization' THEN {} ELSE {} END").format(organization, person)


def _when(
    condition: sql.Composable, value: sql.Composable, otherwise: sql.Composable = _NOTHING
) -> sql.Composable:
    return sql.SQL("CASE WHEN {} THEN {} ELSE {} END").format(condition, value, otherwise)


def _note(column: str) -> sql.Composable:
    return sql.SQL("CASE WHEN {} IS NOT NULL THEN {} END").format(sql.Identifier(column), sql.Literal(_NOTE))


def _entry(**values: sql.Composable) -> sql.Composable:
    """Return a list of one entry, as the API stores it."""
    given = (sql.SQL("{}, {}").format(sql.Literal(name), value) for name, value in values.items())
    return sql.SQL("jsonb_build_array(jsonb_build_object('label', NULL, 'is_primary', true, {}))").format(
        sql.SQL(", ").join(given)
    )


def _match_key(kind: str) -> sql.Composable:
    """Return the key that the import compares names by, with the row's number in the place of 0."""
    key = name_of({"kind": kind, "name": f"{kind.capitalize()} 0"}).match_key
    return sql.SQL("replace({}, '0', id::text)").format(sql.Literal(key))


def _tokens(text: str, *, number: str = "id", is_organization: bool = False) -> sql.Composable:
    """Return the tokens that a row with this text is found by, with the number in the place of 0."""
    return sql.SQL(
        "ARRAY(SELECT CASE token WHEN '^0' THEN '^' || left({number}::text, 2)"
        " ELSE replace(token, '0', {number}::text) END FROM unnest({tokens}::text[]) AS known(token))"
    ).format(
        number=sql.Identifier(number),
        tokens=sql.Literal(search_tokens(text, is_organization=is_organization)),
    )


def _tag(salt: str) -> sql.Composable:
    return sql.SQL("left(md5({} || tag), 6)").format(sql.Literal(salt))


def _tags(column: str, salt: str) -> sql.Composable:
    return sql.SQL(
        "ARRAY(SELECT 'Tag ' || {} FROM unnest({}) WITH ORDINALITY AS own(tag, place) ORDER BY place)"
    ).format(_tag(salt), sql.Identifier(column))


def _tag_tokens(column: str, salt: str) -> sql.Composable:
    return sql.SQL("ARRAY(SELECT {} FROM unnest({}) AS own(tag))").format(_tag(salt), sql.Identifier(column))


def _search(*parts: sql.Composable) -> sql.Composable:
    joined = sql.SQL(" || ").join(sql.SQL("({})").format(part) for part in parts)
    return sql.SQL("array_to_tsvector({})").format(joined)
