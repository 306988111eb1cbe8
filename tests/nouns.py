"""The nouns of crmtenant, for what works on a company's rows outside of an application."""

from crmtenant.api.crm import ENTITIES
from crmtenant.api.entities.registration import entity_tree_of

NOUNS = entity_tree_of(ENTITIES).entities
