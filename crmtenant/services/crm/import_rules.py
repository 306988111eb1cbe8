"""The rules that contacts, board columns and tasks of an imported company must keep to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crmtenant.errors import FieldError
from crmtenant.services.entities.import_rules import ImportRules
from crmtenant.text.recurrence import normal_form


class ContactImportRules(ImportRules):
    """People work for organisations, and are found by their names."""

    def __init__(self, others: Mapping[str, ImportRules]) -> None:
        super().__init__(others)
        self._organizations: dict[int, str | None] = {}

    def learn(self, row_id: int, row: Mapping[str, Any]) -> None:
        """Remember what organisations are called."""
        super().learn(row_id, row)
        if row.get("kind") == "organization":
            name = row.get("name")
            self._organizations[row_id] = name if isinstance(name, str) else None

    def related(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the name of the person's organisation."""
        organization_id = row.get("organization_id")
        if not isinstance(organization_id, int):
            return {}
        return {"organization": self._organizations.get(organization_id)}

    def misfits(self, values: Mapping[str, Any]) -> Iterator[FieldError]:
        """Yield an error where a live person's organisation is none."""
        employer = values["organization_id"]
        if values["deleted_at"] is None and employer is not None and employer not in self._organizations:
            yield FieldError("/organization_id", "unknown_reference", "This contact is no organisation.")

    def cycles(self, values: Mapping[str, Any]) -> Iterator[FieldError]:
        """Yield an error where the contact is its own organisation."""
        if values["organization_id"] == values["id"]:
            yield FieldError("/organization_id", "refers_to_itself", "A contact is not its own organisation.")


class ColumnImportRules(ImportRules):
    """Columns stand on the board of a project. `projects` are theirs, by the column's id."""

    def __init__(self, others: Mapping[str, ImportRules]) -> None:
        super().__init__(others)
        self.projects: dict[int, int] = {}

    def learn(self, row_id: int, row: Mapping[str, Any]) -> None:
        """Remember whose board it is on."""
        super().learn(row_id, row)
        if isinstance(row.get("project_id"), int):
            self.projects[row_id] = row["project_id"]

    def misfits(self, values: Mapping[str, Any]) -> Iterator[FieldError]:
        """Yield an error where a live row's project is in the trash."""
        if values["deleted_at"] is None and values["project_id"] in self.others["project"].deleted:
            yield FieldError(
                "/project_id", "parent_in_trash", "The project is in the trash, and this is not."
            )


def rule_error(memory: Mapping[str, Any]) -> FieldError | None:
    """Return what is wrong with the rule that a done task remembers, or None."""
    try:
        is_normal = normal_form(memory["rule"]) == memory["rule"]
    except ValueError as reason:
        return FieldError("/rule", "invalid_recurrence", str(reason))
    return (
        None
        if is_normal
        else FieldError("/rule", "invalid_recurrence", "This rule is not in its usual form.")
    )


class TaskImportRules(ColumnImportRules):
    """Tasks belong to a project, stand in a column of its board, and below tasks of the same project."""

    def __init__(self, others: Mapping[str, ImportRules]) -> None:
        super().__init__(others)
        self._parents: dict[int, int] = {}

    def learn(self, row_id: int, row: Mapping[str, Any]) -> None:
        """Remember the project, and the task above."""
        super().learn(row_id, row)
        if isinstance(row.get("parent_id"), int):
            self._parents[row_id] = row["parent_id"]

    def misfits(self, values: Mapping[str, Any]) -> Iterator[FieldError]:
        """Yield errors where project, column and the task above do not fit together."""
        yield from super().misfits(values)
        columns, project_id = self.others["column"], values["project_id"]
        assert isinstance(columns, ColumnImportRules)
        if values["column_id"] is not None and columns.projects.get(values["column_id"]) != project_id:
            yield FieldError(
                "/column_id", "unknown_reference", "The column is not on the board of the task's project."
            )
        if values["parent_id"] is not None and self.projects.get(values["parent_id"]) != project_id:
            yield FieldError("/parent_id", "unknown_reference", "The task above it is in another project.")

    def cycles(self, values: Mapping[str, Any]) -> Iterator[FieldError]:
        """Yield an error where the task is below itself."""
        # Each walk ends where an earlier one has been: what leads nowhere is forgotten.
        walked, place = set[int](), values["id"]
        while place in self._parents:
            if place in walked:
                yield FieldError("/parent_id", "cycle", "A task cannot be below itself.")
                return
            walked.add(place)
            place = self._parents[place]
        for one in walked:
            del self._parents[one]
