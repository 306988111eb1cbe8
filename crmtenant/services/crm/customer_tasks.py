"""What is to be done for a customer: on the contact itself, on an organisation's people, and in projects for either."""

from __future__ import annotations

from sqlalchemy import BigInteger, bindparam, select, union_all
from sqlalchemy.orm import aliased

from crmtenant.models.tenant.contact import Contact
from crmtenant.models.tenant.project import Project
from crmtenant.models.tenant.task import Task

_customer_id = bindparam("customer_id", type_=BigInteger)
_its = aliased(Task, name="its_task")
_people = select(Contact.id).where(Contact.organization_id == _customer_id, Contact.deleted_at.is_(None))
_projects = select(Project.id).where(Project.contact_id == _customer_id, Project.deleted_at.is_(None))

# One select for each way: each reads an index of its own, which an OR of them would not.
is_for_customer = Task.id.in_(
    union_all(
        *(
            select(_its.id).where(way, _its.deleted_at.is_(None))
            for way in (
                _its.contact_id == _customer_id,
                _its.contact_id.in_(_people),
                _its.project_id.in_(_projects),
            )
        )
    )
)
