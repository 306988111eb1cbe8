"""The texts of our mails in German and English: pairs of subject and body."""

from __future__ import annotations

ROLES = {
    "de": {
        "owner": "Inhaber:in",
        "admin": "Verwalter:in",
        "member": "Mitglied",
        "viewer": "Betrachter:in",
    },
    "en": {"owner": "an owner", "admin": "an administrator", "member": "a member", "viewer": "a viewer"},
}
INVITATION = {
    "de": (
        "{inviter} lädt Sie zu {company} ein",
        (
            "Guten Tag,\n\n{inviter} lädt Sie ein, bei {company} als {role} mitzuarbeiten.\n\n"
            "Nehmen Sie die Einladung bis zum {until} hier an:\n{link}\n\n"
            "Falls Sie diese Einladung nicht erwartet haben, können Sie diese E-Mail ignorieren.\n"
        ),
    ),
    "en": (
        "{inviter} has invited you to {company}",
        (
            "Hello,\n\n{inviter} has invited you to join {company} as {role}.\n\n"
            "Accept the invitation by {until}:\n{link}\n\n"
            "If you were not expecting this invitation, you can ignore this email.\n"
        ),
    ),
}
PASSWORD_CHANGED = {
    "de": (
        "Ihr Passwort wurde geändert",
        (
            "Guten Tag {name},\n\nIhr Passwort wurde soeben geändert. Sie wurden auf allen anderen Geräten "
            "abgemeldet.\n\n"
            "Falls Sie das nicht waren, wenden Sie sich bitte umgehend an die Verwaltung Ihrer Firma.\n"
        ),
    ),
    "en": (
        "Your password was changed",
        (
            "Hello {name},\n\nYour password has just been changed, and you have been signed out on all other "
            "devices.\n\n"
            "If this was not you, please contact your company's administrators immediately.\n"
        ),
    ),
}
COMPANY_DELETION = {
    "de": (
        "{company} wird am {day} gelöscht",
        (
            "Guten Tag,\n\n{person} hat die Löschung von {company} beantragt. Nach dem {day} werden die Firma "
            "und alle ihre Daten gelöscht.\n\n"
            "Bis dahin können alle wie gewohnt weiterarbeiten. Jede:r Inhaber:in kann die Löschung in den "
            "Einstellungen abbrechen.\n"
        ),
    ),
    "en": (
        "{company} will be deleted on {day}",
        (
            "Hello,\n\n{person} has requested the deletion of {company}. After {day}, the company and all its "
            "data will be deleted.\n\n"
            "Until then everyone can keep working as usual, and any owner can cancel the deletion in the "
            "settings.\n"
        ),
    ),
}
PASSWORD_RESET = {
    "de": (
        "Neues Passwort festlegen",
        (
            "Guten Tag {name},\n\nfür Ihr Konto wurde ein neues Passwort angefordert.\n\n"
            "Legen Sie es innerhalb einer Stunde hier fest:\n{link}\n\n"
            "Falls Sie das nicht waren, können Sie diese E-Mail ignorieren. Ihr Passwort bleibt unverändert.\n"
        ),
    ),
    "en": (
        "Choose a new password",
        (
            "Hello {name},\n\nSomeone, probably you, has asked for a new password for your account.\n\n"
            "Choose it here within one hour:\n{link}\n\n"
            "If this was not you, you can ignore this email. Your password stays the same.\n"
        ),
    ),
}
REMINDER = {
    "de": (
        "{company}: {count} fällig",
        (
            "Guten Tag {name},\n\nIhre fälligen Aufgaben bei {company}:\n\n{tasks}\n\n"
            "Alle Ihre Aufgaben: {all_tasks}\n\n"
            "Diese Erinnerungen können Sie in Ihrem Profil abschalten: {profile}\n"
        ),
    ),
    "en": (
        "{company}: {count} due",
        (
            "Hello {name},\n\nYour tasks that are due at {company}:\n\n{tasks}\n\n"
            "All your tasks: {all_tasks}\n\n"
            "You can turn off these reminders in your profile: {profile}\n"
        ),
    ),
}
TASK_COUNT = {"de": ("{} Aufgabe", "{} Aufgaben"), "en": ("{} task", "{} tasks")}
DUE = {"de": ("heute", "seit {}"), "en": ("today", "since {}")}
MORE = {"de": "… und {} weitere", "en": "… and {} more"}
