"""Permissions, and the roles that have them."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """The role of a user in one company, the most powerful first."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class Permission(StrEnum):
    """Something a role may do, written noun:verb as clients see it."""

    COMPANY_READ = "company:read"
    COMPANY_WRITE = "company:write"
    COMPANY_EXPORT = "company:export"
    COMPANY_IMPORT = "company:import"
    BACKUP_SEE = "backup:see"
    BACKUP_MAKE = "backup:make"
    COMPANY_COPY = "company:copy"
    USAGE_SEE = "usage:see"
    COMPANY_DELETE = "company:delete"
    SUPPORT_GRANT = "support:grant"
    MEMBER_READ = "member:read"
    MEMBER_WRITE = "member:write"
    CONTACT_READ = "contact:read"
    CONTACT_WRITE = "contact:write"
    CONTACT_IMPORT = "contact:import"
    CONTACT_EXPORT = "contact:export"
    CONTACT_ERASE = "contact:erase"
    PROJECT_READ = "project:read"
    PROJECT_WRITE = "project:write"
    TASK_READ = "task:read"
    TASK_WRITE = "task:write"
    ENTRY_READ = "entry:read"
    ENTRY_WRITE = "entry:write"
    VIEW_READ = "view:read"
    VIEW_WRITE = "view:write"
    VIEW_MANAGE = "view:manage"
    TRASH_READ = "trash:read"
    TRASH_EMPTY = "trash:empty"
    OVERVIEW_READ = "overview:read"
    BATCH_UNDO = "batch:undo"
    NOTIFICATION_OWN = "notification:own"


#: The default permission of every view. No role has it, so a view that names none is closed to everybody.
NOBODY = "nobody"

# What one is told, and what one wants to be told, is one's own whatever one may do.
_READ = frozenset(permission for permission in Permission if permission.endswith((":read", ":own")))
_WORK = _READ | {
    Permission.CONTACT_WRITE,
    Permission.CONTACT_IMPORT,
    Permission.CONTACT_EXPORT,
    Permission.PROJECT_WRITE,
    Permission.TASK_WRITE,
    Permission.ENTRY_WRITE,
    Permission.VIEW_WRITE,
    Permission.BATCH_UNDO,
}

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    Role.OWNER: frozenset(Permission),
    Role.ADMIN: _WORK
    | {
        Permission.MEMBER_WRITE,
        Permission.COMPANY_WRITE,
        Permission.VIEW_MANAGE,
        Permission.TRASH_EMPTY,
        Permission.BACKUP_SEE,
        Permission.USAGE_SEE,
    },
    Role.MEMBER: _WORK,
    Role.VIEWER: _READ,
}

# What leaves the company or is gone for good, says who may enter it, or is not listed in its activity, is never an
# operator's.
_NOT_FOR_SUPPORT = {
    Permission.COMPANY_EXPORT,
    Permission.COMPANY_IMPORT,
    Permission.CONTACT_EXPORT,
    Permission.CONTACT_ERASE,
    Permission.TRASH_EMPTY,
    Permission.MEMBER_WRITE,
    Permission.BACKUP_SEE,
    Permission.BACKUP_MAKE,
    Permission.COMPANY_COPY,
    Permission.COMPANY_DELETE,
    Permission.SUPPORT_GRANT,
    Permission.COMPANY_WRITE,
    Permission.VIEW_WRITE,
    Permission.VIEW_MANAGE,
    Permission.NOTIFICATION_OWN,
}
SUPPORT_PERMISSIONS: dict[str, frozenset[str]] = {
    role: ROLE_PERMISSIONS[role] - _NOT_FOR_SUPPORT for role in (Role.ADMIN, Role.VIEWER)
}
