"""Views of a company's records, one file a noun, and of what spans them.

`ENTITIES` lists the nouns of crmtenant, in the order in which the API names them.
"""

from __future__ import annotations

from crmtenant.api.crm.board_columns import COLUMNS
from crmtenant.api.crm.contacts import CONTACTS
from crmtenant.api.crm.entries import ENTRIES
from crmtenant.api.crm.projects import PROJECTS
from crmtenant.api.crm.saved_views import SAVED_VIEWS
from crmtenant.api.crm.tasks import TASKS

ENTITIES = (CONTACTS, PROJECTS, COLUMNS, TASKS, ENTRIES, SAVED_VIEWS)
