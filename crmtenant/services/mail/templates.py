"""What our mails say, in the languages the page speaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmtenant.services.crm.due_tasks import DueTask, DueTasks

GERMAN = "de"

_ROLES = {
    "de": {
        "owner": "Inhaber:in",
        "admin": "Verwalter:in",
        "member": "Mitglied",
        "viewer": "Betrachter:in",
    },
    "en": {"owner": "owner", "admin": "administrator", "member": "member", "viewer": "viewer"},
}
_INVITATION = {
    "de": (
        "{inviter} lädt Sie zu {company} ein",
        (
            "Guten Tag,\n\n{inviter} lädt Sie ein, bei {company} mitzuarbeiten (als {role}).\n\n"
            "Nehmen Sie die Einladung hier an, bis zum {until}:\n{link}\n\n"
            "Wenn Sie damit nichts anfangen können, brauchen Sie nichts zu tun.\n"
        ),
    ),
    "en": (
        "{inviter} invites you to {company}",
        (
            "Hello,\n\n{inviter} invites you to work with them at {company} (as {role}).\n\n"
            "Accept the invitation here, until {until}:\n{link}\n\n"
            "If this means nothing to you, there is nothing you need to do.\n"
        ),
    ),
}
_PASSWORD_CHANGED = {
    "de": (
        "Ihr Passwort wurde geändert",
        (
            "Guten Tag {name},\n\nIhr Passwort wurde eben geändert, alle anderen Anmeldungen sind beendet.\n\n"
            "Wenn Sie das nicht waren, wenden Sie sich bitte sofort an die Verwaltung Ihrer Firma.\n"
        ),
    ),
    "en": (
        "Your password was changed",
        (
            "Hello {name},\n\nyour password has just been changed, and every other sign-in has ended.\n\n"
            "If that was not you, please turn to your company's administrators at once.\n"
        ),
    ),
}
_DELETION = {
    "de": (
        "{company} wird am {day} gelöscht",
        (
            "Guten Tag,\n\n{person} hat veranlasst, dass {company} nach dem {day} mit allen Daten gelöscht wird.\n\n"
            "Bis dahin geht alles weiter, und jede:r Inhaber:in kann es in den Einstellungen zurücknehmen.\n"
        ),
    ),
    "en": (
        "{company} will be deleted on {day}",
        (
            "Hello,\n\n{person} asked for {company} to be deleted after {day}, with everything in it.\n\n"
            "Until then everything goes on, and every owner can call it off in the settings.\n"
        ),
    ),
}

_PASSWORD_RESET = {
    "de": (
        "Ein neues Passwort wählen",
        (
            "Guten Tag {name},\n\njemand, vermutlich Sie, hat das Passwort zu dieser Adresse vergessen.\n\n"
            "Wählen Sie hier innerhalb einer Stunde ein neues:\n{link}\n\n"
            "Wenn Sie das nicht waren, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.\n"
        ),
    ),
    "en": (
        "Choose a new password",
        (
            "Hello {name},\n\nsomebody, probably you, has forgotten the password for this address.\n\n"
            "Choose a new one here, within an hour:\n{link}\n\n"
            "If it was not you, there is nothing you need to do: your password stays as it is.\n"
        ),
    ),
}
_REMINDER = {
    "de": (
        "{company}: {count} fällig",
        (
            "Guten Tag {name},\n\ndas ist bei {company} für Sie fällig:\n\n{tasks}\n\n"
            "Alle Ihre Aufgaben: {all_tasks}\n\n"
            "Keine Erinnerungen mehr? Das stellen Sie in Ihrem Profil ein: {profile}\n"
        ),
    ),
    "en": (
        "{company}: {count} due",
        (
            "Hello {name},\n\nthis is due for you at {company}:\n\n{tasks}\n\n"
            "All your tasks: {all_tasks}\n\n"
            "No more reminders? That is a switch in your profile: {profile}\n"
        ),
    ),
}
_COUNTED = {"de": ("{} Aufgabe", "{} Aufgaben"), "en": ("{} task", "{} tasks")}
_DUE = {"de": ("heute", "seit {}"), "en": ("today", "since {}")}
_MORE = {"de": "… und {} weitere", "en": "… and {} more"}


@dataclass(frozen=True, slots=True)
class MailMessage:
    """What a mail is about (`kind`), and what it says."""

    kind: str
    subject: str
    text: str


def invitation(
    language: str | None, *, inviter: str, company: str, role: str, until: datetime, link: str
) -> MailMessage:
    """An invitation to a company."""
    spoken = _spoken(language)
    words = {
        "inviter": inviter,
        "company": company,
        "role": _ROLES[spoken][role],
        "until": _day(spoken, until),
        "link": link,
    }
    return _letter("invitation", _INVITATION[spoken], words)


def password_changed(language: str | None, *, name: str) -> MailMessage:
    """The news that one's password was changed."""
    return _letter("password_changed", _PASSWORD_CHANGED[_spoken(language)], {"name": name})


def deletion(language: str | None, *, company: str, person: str, day: datetime) -> MailMessage:
    """The news that the company is to be deleted."""
    spoken = _spoken(language)
    words = {"company": company, "person": person, "day": _day(spoken, day)}
    return _letter("deletion", _DELETION[spoken], words)


def password_reset(language: str | None, *, name: str, link: str) -> MailMessage:
    """The way to another password for somebody who has forgotten theirs."""
    return _letter("password_reset", _PASSWORD_RESET[_spoken(language)], {"name": name, "link": link})


def reminder(
    language: str | None, *, name: str, company: str, tasks: DueTasks, day: date, link: Callable[[str], str]
) -> MailMessage:
    """The tasks that are due on this day, or have been before. `link` tells where a page of the company is."""
    spoken = _spoken(language)
    one, several = _COUNTED[spoken]
    lines = [f"- {_described(spoken, task, day)}\n  {link(f'/tasks/{task.id}')}" for task in tasks.named]
    more = tasks.total - len(tasks.named)
    words = {
        "company": company,
        "count": (one if tasks.total == 1 else several).format(tasks.total),
        "name": name,
        "tasks": "\n".join([*lines, _MORE[spoken].format(more)] if more else lines),
        "all_tasks": link("/tasks"),
        "profile": link("/settings/profile"),
    }
    return _letter("reminder", _REMINDER[spoken], words)


def _described(spoken: str, task: DueTask, day: date) -> str:
    today, since = _DUE[spoken]
    when = today if task.due_on == day else since.format(_day(spoken, task.due_on))
    return f"{task.title} ({task.project}): {when}" if task.project else f"{task.title}: {when}"


def _day(spoken: str, moment: date) -> str:
    return f"{moment:%d.%m.%Y}" if spoken == GERMAN else f"{moment:%Y-%m-%d}"


def _spoken(language: str | None) -> str:
    return GERMAN if (language or "").partition("-")[0] == GERMAN else "en"


def _letter(kind: str, texts: tuple[str, str], words: Mapping[str, str]) -> MailMessage:
    subject, text = texts
    return MailMessage(kind, " ".join(subject.format(**words).split()), text.format(**words))
