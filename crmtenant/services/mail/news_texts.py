"""The words of mails that tell people what concerns them, by language."""

from __future__ import annotations

MORNING = {
    "de": (
        "{company}: {count} fällig, {news_count}",
        (
            "Guten Tag {name},\n\nIhre fälligen Aufgaben bei {company}:\n\n{tasks}\n\n"
            "Alle Ihre Aufgaben: {all_tasks}\n\n"
            "Außerdem neu für Sie:\n\n{news}\n\n"
            "Was Sie per E-Mail bekommen, bestimmen Sie in Ihrem Profil: {profile}\n"
        ),
    ),
    "en": (
        "{company}: {count} due, {news_count}",
        (
            "Hello {name},\n\nYour tasks that are due at {company}:\n\n{tasks}\n\n"
            "All your tasks: {all_tasks}\n\n"
            "Also new for you:\n\n{news}\n\n"
            "You choose what we mail you in your profile: {profile}\n"
        ),
    ),
}
NEWS = {
    "de": (
        "{company}: {subject}",
        (
            "Guten Tag {name},\n\nneu für Sie bei {company}:\n\n{news}\n\n"
            "Was Sie per E-Mail bekommen, bestimmen Sie in Ihrem Profil: {profile}\n"
        ),
    ),
    "en": (
        "{company}: {subject}",
        (
            "Hello {name},\n\nNew for you at {company}:\n\n{news}\n\n"
            "You choose what we mail you in your profile: {profile}\n"
        ),
    ),
}
NEWS_COUNT = {"de": ("{} Neuigkeit", "{} Neuigkeiten"), "en": ("{} update", "{} updates")}
# By kind: of one record, and of many in one go.
TOLD = {
    "de": {
        "mentioned": ("{by} hat Sie erwähnt: {title}", "{by} hat Sie in {count} Einträgen erwähnt"),
        "replied": ("{by} hat Ihnen geantwortet: {title}", "{by} hat Ihnen {count}-mal geantwortet"),
        "assigned": ("{by} hat Ihnen zugewiesen: {title}", "{by} hat Ihnen {count} Einträge zugewiesen"),
        "watched": ("Neues von {by}: {title}", "{by} hat {count} Einträge geändert, die Sie beobachten"),
    },
    "en": {
        "mentioned": ("{by} mentioned you: {title}", "{by} mentioned you on {count} records"),
        "replied": ("{by} replied to you: {title}", "{by} replied to you {count} times"),
        "assigned": ("{by} assigned to you: {title}", "{by} assigned {count} records to you"),
        "watched": ("Update from {by}: {title}", "{by} changed {count} records you watch"),
    },
}
SOMEBODY = {"de": "Jemand", "en": "Somebody"}
