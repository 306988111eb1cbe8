"""Deleting what is old from a company's log and batches, which its own role has no right to: a slice a transaction."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmtenant.db.admin.connection import Administration

AT_ONCE = 5000

# The log is in the order of time by its numbers, but has no index by it.
_CHANGES = """
    WITH oldest AS (SELECT seq, number, at FROM public.change ORDER BY seq, number LIMIT %s),
    gone AS (
        DELETE FROM public.change USING oldest
        WHERE change.seq = oldest.seq AND change.number = oldest.number AND oldest.at < %s
        RETURNING 1
    )
    SELECT count(*) FROM gone
"""
_BATCH_ROWS = """
    WITH oldest AS (
        SELECT batch_id, batch_row.noun, row_id FROM public.batch_row JOIN public.batch ON batch.id = batch_id
        WHERE batch.at < %s LIMIT %s
    ),
    gone AS (
        DELETE FROM public.batch_row USING oldest
        WHERE batch_row.batch_id = oldest.batch_id AND batch_row.noun = oldest.noun
          AND batch_row.row_id = oldest.row_id
        RETURNING 1
    )
    SELECT count(*) FROM gone
"""
_BATCHES = """
    WITH gone AS (
        DELETE FROM public.batch WHERE at < %s AND NOT EXISTS (SELECT FROM public.batch_row WHERE batch_id = batch.id)
        RETURNING 1
    )
    SELECT count(*) FROM gone
"""


def prune_changes(admin: Administration, before: datetime) -> int:
    """Delete some of what the log says of the time before this moment; return how many lines."""
    return _count(admin.row(_CHANGES, AT_ONCE, before))


def prune_batch_rows(admin: Administration, before: datetime) -> int:
    """Delete some of what rows were before batches that are older than this moment; return of how many rows."""
    return _count(admin.row(_BATCH_ROWS, before, AT_ONCE))


def prune_batches(admin: Administration, before: datetime) -> int:
    """Delete the batches before this moment of which no row is left; return how many."""
    return _count(admin.row(_BATCHES, before))


def _count(row: tuple[int, ...] | None) -> int:
    return row[0] if row else 0
