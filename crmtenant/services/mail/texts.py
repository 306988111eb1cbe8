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
EMAIL_CONFIRMATION = {
    "de": (
        "Neue E-Mail-Adresse bestätigen",
        (
            "Guten Tag,\n\nbestätigen Sie hier, dass Sie sich künftig mit dieser E-Mail-Adresse anmelden "
            "möchten:\n{link}\n\n"
            "Der Link gilt einen Tag lang. Bis dahin melden Sie sich wie bisher an.\n\n"
            "Falls Sie das nicht waren, können Sie diese E-Mail ignorieren.\n"
        ),
    ),
    "en": (
        "Confirm your new email address",
        (
            "Hello,\n\nConfirm here that you want to sign in with this email address from now on:\n{link}\n\n"
            "The link is valid for one day. Until you use it, you sign in as before.\n\n"
            "If this was not you, you can ignore this email.\n"
        ),
    ),
}
EMAIL_IN_USE = {
    "de": (
        "Ihre E-Mail-Adresse ist bereits in Gebrauch",
        (
            "Guten Tag {name},\n\njemand möchte sich künftig mit dieser E-Mail-Adresse anmelden. Sie tun das "
            "schon, deshalb ändert sich nichts.\n\n"
            "Falls Sie das waren: Eine Adresse kann nur zu einem Zugang gehören. Melden Sie sich mit dieser Adresse "
            "an, oder wählen Sie für den anderen Zugang eine andere.\n"
        ),
    ),
    "en": (
        "Your email address is already in use",
        (
            "Hello {name},\n\nSomeone wants to sign in with this email address. You already do, so nothing "
            "changes.\n\n"
            "If this was you: an address can belong to one login only. Sign in with this address, or choose another "
            "one for your other login.\n"
        ),
    ),
}
EMAIL_CHANGE_REQUESTED = {
    "de": (
        "Neue E-Mail-Adresse für Ihr Konto",
        (
            "Guten Tag {name},\n\nfür Ihr Konto soll künftig die Adresse {email} gelten. Sie gilt, sobald sie mit "
            "der E-Mail bestätigt ist, die wir dorthin geschickt haben.\n\n"
            "Falls Sie das nicht waren, legen Sie jetzt ein neues Passwort fest. Damit ist die Änderung hinfällig, "
            "und alle Geräte werden abgemeldet:\n{link}\n"
        ),
    ),
    "en": (
        "A new email address for your account",
        (
            "Hello {name},\n\nSomeone, probably you, wants to use {email} for your account. It will count once it "
            "is confirmed with the mail that we have sent there.\n\n"
            "If this was not you, choose a new password now. That cancels the change and signs out every "
            "device:\n{link}\n"
        ),
    ),
}
EMAIL_CHANGED = {
    "de": (
        "Ihre E-Mail-Adresse wurde geändert",
        (
            "Guten Tag {name},\n\nSie melden sich ab jetzt mit {email} an. An diese Adresse hier schreiben wir "
            "nicht mehr.\n\n"
            "Falls Sie das nicht waren, wenden Sie sich bitte umgehend an die Verwaltung Ihrer Firma.\n"
        ),
    ),
    "en": (
        "Your email address was changed",
        (
            "Hello {name},\n\nFrom now on you sign in with {email}. We will not write to this address any "
            "more.\n\n"
            "If this was not you, please contact your company's administrators immediately.\n"
        ),
    ),
}
BREAK_GLASS = {
    "de": (
        "{company}: Der Support hat sich Zugang verschafft",
        (
            "Guten Tag,\n\nin einem Notfall haben zwei Personen des Betreibers ({operators}) sich Zugang zu {company} "
            "verschafft, ohne dass Sie ihn freigegeben haben. Er endet spätestens am {until}.\n\n"
            "Grund: {reason}\n\n"
            "Was sie ändern, steht unter ihrem eigenen Namen in den Aktivitäten. Sie können den Zugang jederzeit "
            "beenden:\n{link}\n"
        ),
    ),
    "en": (
        "{company}: support has given itself access",
        (
            "Hello,\n\nin an emergency, two people of the operator of this service ({operators}) have given themselves "
            "access to {company} without a grant of yours. It ends at {until} at the latest.\n\n"
            "Reason: {reason}\n\n"
            "What they change is listed under their own name in the activity. You can end the access at any "
            "time:\n{link}\n"
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
# A reminder with what else is new, and what is new alone.
TASK_COUNT = {"de": ("{} Aufgabe", "{} Aufgaben"), "en": ("{} task", "{} tasks")}
DUE = {"de": ("heute", "seit {}"), "en": ("today", "since {}")}
MORE = {"de": "… und {} weitere", "en": "… and {} more"}
QUOTA = {
    "de": (
        "{company}: {facts}",
        (
            "Guten Tag,\n\n{company}: {facts}. {rest}\n\n"
            "Lesen, ändern, exportieren und löschen können Sie weiterhin alles. Wie viel belegt ist, sehen Sie "
            "hier:\n{link}\n\n"
            "Wenn Sie mehr brauchen, wenden Sie sich bitte an den Betreiber dieses Dienstes.\n"
        ),
    ),
    "en": (
        "{company}: {facts}",
        (
            "Hello,\n\n{company}: {facts}. {rest}\n\n"
            "You can still read, change, export and delete everything. See how much is used:\n{link}\n\n"
            "If you need more, please contact the operator of this service.\n"
        ),
    ),
}
QUOTA_FACTS = {
    "de": {
        "bytes": "{used} von {limit} Speicherplatz belegt",
        "rows": "{used} von {limit} Einträgen angelegt",
        "seats": "{used} von {limit} Plätzen vergeben",
    },
    "en": {
        "bytes": "{used} of {limit} of storage used",
        "rows": "{used} of {limit} records created",
        "seats": "{used} of {limit} seats taken",
    },
}
# What follows: before the quota is used up, and after.
QUOTA_REST = {
    "de": {
        "bytes": (
            "Sobald er aufgebraucht ist, kann nichts Neues mehr angelegt oder importiert werden.",
            "Deshalb kann jetzt nichts Neues mehr angelegt oder importiert werden.",
        ),
        "rows": (
            "Sobald alle belegt sind, kann nichts Neues mehr angelegt oder importiert werden. Der Papierkorb zählt nicht.",
            "Deshalb kann jetzt nichts Neues mehr angelegt oder importiert werden. Der Papierkorb zählt nicht.",
        ),
        "seats": (
            "Sobald alle vergeben sind, kann niemand mehr eingeladen werden.",
            "Deshalb kann jetzt niemand mehr eingeladen werden.",
        ),
    },
    "en": {
        "bytes": (
            "Once all of it is used, nothing new can be created or imported.",
            "So nothing new can be created or imported now.",
        ),
        "rows": (
            "Once there are that many, nothing new can be created or imported. The trash does not count.",
            "So nothing new can be created or imported now. The trash does not count.",
        ),
        "seats": (
            "Once all are taken, nobody else can be invited.",
            "So nobody else can be invited now.",
        ),
    },
}
