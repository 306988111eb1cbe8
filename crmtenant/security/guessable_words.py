"""Passwords made of words that everybody tries, with a year and an exclamation mark: "Sommer2024!!", "Willkommen123!".

zxcvbn counts such parts as if they had nothing to do with each other, and knows English words only. Here a password is
easy to guess if nothing is left of it but listed words, a year, digits in a row, and signs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

#: What people in German, Russian and English choose first: seasons, months, days, greetings, keyboards, "password".
_WORDS = """
password passwort kennwort parole geheim geheimnis secret admin administrator login zugang benutzer user test testen gast guest start
hallo hello willkommen welcome bitte danke schatz liebe love ichliebedich iloveyou engel prinzessin sonne sonnenschein stern mausi
spatz hase hasi baby mama papa familie family sommer winter herbst fruehling frühling fruhling fruehjahr frühjahr spring summer autumn
fall ostern weihnachten silvester urlaub januar februar maerz märz april mai juni juli august september oktober november dezember
january february march may june july october december montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag monday
tuesday wednesday thursday friday saturday sunday fussball fußball bayern muenchen münchen berlin hamburg koeln köln dortmund schalke
borussia werder frankfurt stuttgart deutschland germany oesterreich österreich schweiz russland russia moskau firma buero büro company
office kunde kunden customer sales vertrieb chef boss arbeit work computer internet server drucker schule auto hund katze pferd
drachen dragon monkey master football baseball qwertz qwertzu qwertzui qwertzuiop qwerty qwertyui qwertyuiop asdf asdfg asdfgh
asdfghjk asdfghjkl yxcv yxcvbn yxcvbnm zxcv zxcvbn zxcvbnm abc abcd abcdef
пароль привет любовь солнце солнышко зайка котик котенок кошка собака мама папа семья россия москва питер спартак зенит динамо
лето зима весна осень январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь понедельник вторник среда
четверг пятница суббота воскресенье админ администратор тест гость вход добро пожаловать секрет люблю ялюблютебя наташа марина
саша максим андрей дима сергей александр алексей катя лена йцукен йцукенг йцукенгш фыва фывапр фывапролдж ячсмить
parol privet lyubov solnce solnyshko zayka kotik rossiya moskva leto zima vesna osen natasha marina
"""
_PRODUCT = ("crmtenant", "crm", "tenant")
_RUSSIAN_KEYS = "йцукенгшщзхъфывапролджэячсмитьбюё"
_LATIN_KEYS = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
#: One who reads a Latin keyboard and types as on a Russian one: "ghbdtn" is "привет".
_AS_TYPED = str.maketrans(_RUSSIAN_KEYS, _LATIN_KEYS)
_LEET = str.maketrans({"4": "a", "@": "a", "3": "e", "1": "i", "0": "o", "5": "s", "$": "s", "7": "t"})
_WORD = re.compile(r"[^\W\d_]{2,}")
_YEAR = re.compile(r"(19|20)\d\d")
_ROWS = ("01234567890123456789", "98765432109876543210")
#: Letters or digits beyond the words that make a password worth its length.
ENOUGH_ELSE = 4
MOST_WORDS = 3


def is_made_of_common_words(password: str, own_words: Iterable[str]) -> bool:
    """Return whether the password is nothing but words that are tried first, dressed up.

    `own_words` are what somebody who knows the person tries: the names of the person, the company.
    """
    text = unicodedata.normalize("NFKC", password).casefold()
    words = _common() | {word for own in own_words for word in _parts(own)}
    return any(_leaves_little(reading, words) for reading in {text, text.translate(_LEET)})


def _leaves_little(text: str, words: frozenset[str] | set[str]) -> bool:
    used: set[str] = set()
    left: list[str] = []
    position = 0
    longest = max(map(len, words))
    while position < len(text):
        lengths = range(min(longest, len(text) - position), 1, -1)
        length = next((n for n in lengths if text[position : position + n] in words), 0)
        if length:
            used.add(text[position : position + length])
        else:
            left.append(text[position])
        position += length or 1
    return 0 < len(used) <= MOST_WORDS and _weight("".join(left)) < ENOUGH_ELSE


def _weight(rest: str) -> int:
    """Return how many characters of what is left have to be guessed one by one."""
    without_years = _YEAR.sub("", rest, count=2)
    letters = sum(character.isalpha() for character in without_years)
    digits = [run for run in re.findall(r"\d+", without_years) if not _is_in_a_row(run)]
    return letters + sum(len(run) if len(run) > 2 else 0 for run in digits)


def _is_in_a_row(run: str) -> bool:
    return len(set(run)) == 1 or any(run in row for row in _ROWS)


def _parts(own: str) -> list[str]:
    return [word for word in _WORD.findall(unicodedata.normalize("NFKC", own).casefold()) if len(word) > 2]


@cache
def _common() -> frozenset[str]:
    words = [*_WORDS.split(), *_PRODUCT]
    folded = {unicodedata.normalize("NFKC", word).casefold() for word in words}
    return frozenset(folded | {word.translate(_AS_TYPED) for word in folded})
