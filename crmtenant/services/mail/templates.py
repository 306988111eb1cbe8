"""Mail templates: plain values in, a message in the company's language out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from babel.numbers import format_decimal

from crmtenant.services.mail import news_texts, texts
from crmtenant.text.languages import GERMAN, spoken

#: How many notifications a mail lists; the others are counted.
MOST_NEWS = 20
_UNITS = (("TB", 10**12), ("GB", 10**9), ("MB", 10**6))


@dataclass(frozen=True, slots=True)
class MailMessage:
    """A mail without its recipient. `kind` names the template."""

    kind: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class DueLine:
    """One task in a reminder."""

    title: str
    due_on: date
    link: str


@dataclass(frozen=True, slots=True)
class NewsLine:
    """Something the recipient is told: a notification, and where the page shows it."""

    kind: str
    by: str | None
    title: str
    count: int
    is_batch: bool
    excerpt: str | None
    link: str


def invitation(
    language: str | None, *, inviter: str, company: str, role: str, until: datetime, link: str
) -> MailMessage:
    """Return the invitation to a company."""
    code = spoken(language)
    values = {
        "inviter": inviter,
        "company": company,
        "role": texts.ROLES[code][role],
        "until": _day(code, until),
        "link": link,
    }
    return _message("invitation", texts.INVITATION[code], values)


def password_changed(language: str | None, *, name: str) -> MailMessage:
    """Return the notice that the recipient's password was changed."""
    return _message("password_changed", texts.PASSWORD_CHANGED[spoken(language)], {"name": name})


def company_deletion(language: str | None, *, company: str, person: str, day: datetime) -> MailMessage:
    """Return the notice that the company will be deleted."""
    code = spoken(language)
    values = {"company": company, "person": person, "day": _day(code, day)}
    return _message("deletion", texts.COMPANY_DELETION[code], values)


def break_glass(
    language: str | None, *, company: str, operators: str, reason: str, until: datetime, link: str
) -> MailMessage:
    """Return the notice that operators have given themselves access to the company."""
    code = spoken(language)
    values = {
        "company": company,
        "operators": operators,
        "reason": reason,
        "until": f"{_day(code, until)} {until:%H:%M} UTC",
        "link": link,
    }
    return _message("break_glass", texts.BREAK_GLASS[code], values)


def password_reset(language: str | None, *, name: str, link: str) -> MailMessage:
    """Return the mail with the link to choose a new password."""
    return _message("password_reset", texts.PASSWORD_RESET[spoken(language)], {"name": name, "link": link})


def email_confirmation(language: str | None, *, link: str) -> MailMessage:
    """Return the mail with the link to confirm a new address. Strangers can have it sent to anybody, so none of their
    words are in it."""
    return _message("email_confirmation", texts.EMAIL_CONFIRMATION[spoken(language)], {"link": link})


def email_in_use(language: str | None, *, name: str) -> MailMessage:
    """Return the notice that somebody asked for the address the recipient signs in with."""
    return _message("email_in_use", texts.EMAIL_IN_USE[spoken(language)], {"name": name})


def email_change_requested(language: str | None, *, name: str, email: str, link: str) -> MailMessage:
    """Return the notice to the old address that another one was asked for; `link` is where a new password is."""
    values = {"name": name, "email": email, "link": link}
    return _message("email_change_requested", texts.EMAIL_CHANGE_REQUESTED[spoken(language)], values)


def email_changed(language: str | None, *, name: str, email: str) -> MailMessage:
    """Return the notice to the old address that another one counts now."""
    return _message("email_changed", texts.EMAIL_CHANGED[spoken(language)], {"name": name, "email": email})


def quota(
    language: str | None, *, company: str, kind: str, used: int, limit: int, is_full: bool, link: str
) -> MailMessage:
    """Return the warning that a company has used most of a quota, or all of it. `kind` is bytes, rows or seats."""
    code = spoken(language)
    shown = _size if kind == "bytes" else _count
    facts = texts.QUOTA_FACTS[code][kind].format(used=shown(code, used), limit=shown(code, limit))
    rest = texts.QUOTA_REST[code][kind][is_full]
    values = {"company": company, "facts": facts, "rest": rest, "link": link}
    return _message("quota", texts.QUOTA[code], values)


def reminder(
    language: str | None,
    *,
    name: str,
    company: str,
    lines: Sequence[DueLine],
    total: int,
    day: date,
    all_tasks: str,
    profile: str,
    news: Sequence[NewsLine] = (),
) -> MailMessage:
    """Return the reminder of the tasks due on `day` or before, and what else is new. `lines` are the first of `total`;
    `all_tasks` and `profile` are links."""
    code = spoken(language)
    one, several = texts.TASK_COUNT[code]
    listed = [f"- {line.title}: {_due(code, line.due_on, day)}\n  {line.link}" for line in lines]
    if more := total - len(lines):
        listed.append(texts.MORE[code].format(more))
    values = {
        "company": company,
        "count": (one if total == 1 else several).format(total),
        "name": name,
        "tasks": "\n".join(listed),
        "all_tasks": all_tasks,
        "profile": profile,
        "news": _listed(code, news),
        "news_count": _news_count(code, len(news)),
    }
    template = news_texts.MORNING if news else texts.REMINDER
    return _message("reminder", template[code], values)


def told(
    language: str | None, *, name: str, company: str, news: Sequence[NewsLine], profile: str
) -> MailMessage:
    """Return the mail of what the recipient is told; `profile` is a link."""
    code = spoken(language)
    subject = _headline(code, news[0]) if len(news) == 1 else _news_count(code, len(news))
    values = {
        "company": company,
        "subject": subject,
        "name": name,
        "news": _listed(code, news),
        "profile": profile,
    }
    return _message("notification", news_texts.NEWS[code], values)


def _listed(code: str, news: Sequence[NewsLine]) -> str:
    shown = [_shown(code, line) for line in news[:MOST_NEWS]]
    if more := len(news) - len(shown):
        shown.append(texts.MORE[code].format(more))
    return "\n".join(shown)


def _shown(code: str, line: NewsLine) -> str:
    words = [_headline(code, line), *(line.excerpt or "").splitlines()]
    return "\n  ".join([f"- {words[0]}", *filter(None, map(str.strip, words[1:])), line.link])


def _headline(code: str, line: NewsLine) -> str:
    one, several = news_texts.TOLD[code][line.kind]
    by = line.by or news_texts.SOMEBODY[code]
    if line.is_batch:
        return several.format(by=by, count=_count(code, line.count))
    times = f" ({line.count}×)" if line.count > 1 else ""
    return one.format(by=by, title=line.title) + times


def _news_count(code: str, number: int) -> str:
    one, several = news_texts.NEWS_COUNT[code]
    return (one if number == 1 else several).format(number)


def _due(code: str, due_on: date, day: date) -> str:
    today, since = texts.DUE[code]
    return today if due_on == day else since.format(_day(code, due_on))


def _count(code: str, number: int) -> str:
    return format_decimal(number, locale=code)


def _size(code: str, number: int) -> str:
    unit, divisor = next(((unit, size) for unit, size in _UNITS if number >= size), _UNITS[-1])
    return f"{format_decimal(round(number / divisor, 1), locale=code)} {unit}"


def _day(code: str, moment: date) -> str:
    return f"{moment:%d.%m.%Y}" if code == GERMAN else f"{moment:%Y-%m-%d}"


def _message(kind: str, template: tuple[str, str], values: Mapping[str, str]) -> MailMessage:
    subject, text = template
    # A line break in a name must not reach the subject, which is a header.
    return MailMessage(kind, " ".join(subject.format(**values).split()), text.format(**values))
