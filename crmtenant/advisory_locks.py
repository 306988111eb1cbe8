"""Every advisory lock that the application takes: its name or number, what it protects, and who takes it.

While a release is rolled out, processes of two releases run side by side, so a value is never changed or reused.
PostgreSQL's advisory locks belong to one database of one server.
"""

from __future__ import annotations

# Locks of an installation. Their names are hashed to 64 bits by PostgreSQL and held by a session in the database
# `postgres`: PROVISIONING and role_password on the server concerned, all others on the catalog's server.

#: One change of databases or roles at a time on a server (`db.admin`).
PROVISIONING = "provisioning"
#: One process repairs what was left half done and makes spares (`jobs.reconciler`, `fleet.spares`).
MAINTENANCE = "upkeep"
#: One run migrates the companies' databases (`fleet.migration`).
MIGRATION = "migrating"
#: One process makes the nightly backups (`jobs.nightly_backup`).
NIGHTLY_BACKUP = "saving"
#: One process makes the backups of the catalog (`jobs.catalog_backup`).
CATALOG_BACKUP = "saving the catalog"
#: One process copies what the catalog says of companies into their databases (`jobs.essentials_copies`).
ESSENTIALS = "copying essentials"
#: One process drops what has expired (`jobs.cleanup`).
CLEANUP = "clearing"
#: One process measures how large companies are (`jobs.measuring`).
MEASURING = "measuring"
#: One process forgets what is old in companies (`jobs.retention`).
RETENTION = "forgetting"
#: One process changes the companies' role passwords, or the secret they are derived from (`fleet.role_secret`).
ROLE_PASSWORDS = "passwords"

# Locks of one company's database, by number, held by a transaction.

#: One import of contacts at a time: two would add the same contacts twice. Who waits for it calls the import off
#: (`transfer.running_import`).
CONTACT_IMPORT = 7_241_902
#: One change of a task's parent at a time: two together could close a circle (`crm.tasks`).
TASK_PARENT = 7_241_903
#: One export of the company at a time: more would only take connections from others (`transfer.company_export`).
COMPANY_EXPORT = 7_241_904


def company_move(tenant_id: str) -> str:
    """Return the name of the lock held while a company moves to another server (`fleet.moving`)."""
    return f"moving {tenant_id}"


def company_job(job_id: str) -> str:
    """Return the name of the lock held while a worker does this job of a company (`jobs.company_jobs`)."""
    return f"job {job_id}"


def database_fill(database: str) -> str:
    """Return the name of the lock held while a new database is filled from a backup or a move.

    Cleanup drops only databases whose lock is free (`backups.restoring`, `fleet.moving`, `jobs.cleanup`).
    """
    return f"filling {database}"


def role_password(role: str) -> str:
    """Return the name of the lock held while one role's password changes (`db.admin.role_passwords`)."""
    return f"password:{role}"


def of_installation(catalog: str, name: str) -> str:
    """Return the name qualified by the installation's catalog: several installations may share a server."""
    return f"crmtenant:{catalog}:{name}"
