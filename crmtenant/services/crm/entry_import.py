"""The rules that entries of an imported company must keep to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crmtenant.errors import FieldError
from crmtenant.services.entities.import_rules import ImportRules


class EntryImportRules(ImportRules):
    """Entries are written on records, and replies to entries on the same one."""

    def __init__(self, others: Mapping[str, ImportRules]) -> None:
        super().__init__(others)
        self._places: dict[int, tuple[Any, Any, bool]] = {}

    def learn(self, row_id: int, row: Mapping[str, Any]) -> None:
        """Remember what it is written on, and whether it is a reply."""
        super().learn(row_id, row)
        self._places[row_id] = (
            row.get("subject_type"),
            row.get("subject_id"),
            row.get("parent_id") is not None,
        )

    def misfits(self, values: Mapping[str, Any]) -> Iterator[FieldError]:
        """Yield errors where the entry, its record and the entry it replies to do not fit together."""
        noun, subject_id, parent_id = values["subject_type"], values["subject_id"], values["parent_id"]
        if noun is None or subject_id is None:
            yield FieldError("/subject_id", "required", "This is required.")
            return
        if parent_id is not None and self._places[parent_id] != (noun, subject_id, False):
            yield FieldError("/parent_id", "contradiction", "This is a reply itself, or on another record.")
        if parent_id is None and noun == "contact" and subject_id not in values["contact_ids"]:
            yield FieldError(
                "/contact_ids", "contradiction", "The contact it is written on is not among these."
            )
        if values["deleted_at"] is not None:
            return
        if subject_id in self.others[noun].deleted:
            yield FieldError("/subject_id", "parent_in_trash", "The record is in the trash, and this is not.")
        if parent_id is not None and parent_id in self.deleted:
            yield FieldError(
                "/parent_id", "parent_in_trash", "What it replies to is in the trash, and this is not."
            )
