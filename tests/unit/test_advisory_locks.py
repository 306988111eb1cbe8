"""Processes of two releases must agree about their locks, so no value may change."""

from crmtenant import advisory_locks as locks


def test_the_locks_of_an_installation_keep_their_names():
    names = [
        locks.PROVISIONING,
        locks.MAINTENANCE,
        locks.MIGRATION,
        locks.NIGHTLY_BACKUP,
        locks.CLEANUP,
        locks.ROLE_PASSWORDS,
        locks.company_move("c_1"),
        locks.database_fill("t_1"),
        locks.role_password("t_1"),
    ]
    assert [locks.of_installation("crm", name) for name in names] == [
        "crmtenant:crm:provisioning",
        "crmtenant:crm:upkeep",
        "crmtenant:crm:migrating",
        "crmtenant:crm:saving",
        "crmtenant:crm:clearing",
        "crmtenant:crm:passwords",
        "crmtenant:crm:moving c_1",
        "crmtenant:crm:filling t_1",
        "crmtenant:crm:password:t_1",
    ]


def test_the_locks_of_a_companys_database_keep_their_numbers():
    assert (locks.CONTACT_IMPORT, locks.TASK_PARENT, locks.COMPANY_EXPORT) == (7241902, 7241903, 7241904)
