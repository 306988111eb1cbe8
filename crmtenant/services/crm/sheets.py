"""The tables for people of projects and tasks."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import aliased

from crmtenant.models.tenant.contact import Contact
from crmtenant.models.tenant.project import BoardColumn, Project
from crmtenant.models.tenant.task import Task
from crmtenant.services.entities.sheets import Sheet

_parent = aliased(Task)
_PROJECTS = (
    select(
        Project.id,
        Project.name,
        Project.status,
        Contact.name.label("contact"),
        Project.owner_id.label("owner"),
        Project.member_ids.label("members"),
        Project.start_on,
        Project.due_on,
        Project.budget_minutes,
        Project.tags,
        Project.description,
        Project.created_at,
        Project.created_by,
        Project.updated_at,
    )
    .outerjoin(Contact, Contact.id == Project.contact_id)
    .where(Project.deleted_at.is_(None))
)
_TASKS = (
    select(
        Task.id,
        Task.kind,
        Task.title,
        Project.name.label("project"),
        BoardColumn.name.label("column"),
        _parent.title.label("parent"),
        Task.status,
        Task.priority,
        Task.assignee_ids.label("assignees"),
        Contact.name.label("contact"),
        Task.start_on,
        Task.due_on,
        Task.due_at,
        Task.estimate_minutes,
        Task.labels,
        Task.recurrence,
        Task.description,
        Task.completed_at,
        Task.created_at,
        Task.created_by,
        Task.updated_at,
    )
    .outerjoin(Project, Project.id == Task.project_id)
    .outerjoin(BoardColumn, BoardColumn.id == Task.column_id)
    .outerjoin(_parent, _parent.id == Task.parent_id)
    .outerjoin(Contact, Contact.id == Task.contact_id)
    .where(Task.deleted_at.is_(None))
)

PROJECT_SHEET = Sheet.of("projects.csv", _PROJECTS, "owner", "members", "created_by")
TASK_SHEET = Sheet.of("tasks.csv", _TASKS, "assignees", "created_by")
