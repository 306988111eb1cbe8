"""Passwords: hashed with argon2id, verified in constant time, refused when they are easy to guess.

OWASP's 46 MiB, one pass, one lane: 50-80 ms. Each hash holds a core and 46 MiB for that long, so only so many
run at once; a flood of sign-ins waits instead of exhausting the machine.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn.matching import L33T_TABLE, RANKED_DICTIONARIES, build_ranked_dict, omnimatch
from zxcvbn.scoring import most_guessable_match_sequence

from crmtenant.errors import FieldError, Unavailable
from crmtenant.security.guessable_words import is_made_of_common_words

MAX_LENGTH = 256
MIN_GUESSES = 1_000_000
TIMEOUT_SECONDS = 5.0

# A well-formed hash that no known password has, for people who do not exist or cannot sign in.
_NOBODYS_HASH = "$argon2id$v=19$m=47104,t=1,p=1$Y3JtdGVuYW50LW5vYm9keQ$" + "A" * 43

_JUDGED_LENGTH = 72
# zxcvbn tries every reading of `4`, `@`, `(`..., which takes seconds for a password made of all of them; such a
# password is not easy to guess.
_MOST_SUBSTITUTES = 10
_SUBSTITUTES = frozenset(symbol for symbols in L33T_TABLE.values() for symbol in symbols)
_WORD = re.compile(r"\w{3,}")


class Passwords:
    """Hashes and checks passwords, at most `parallel` at a time."""

    def __init__(self, *, min_length: int, parallel: int) -> None:
        self._hasher = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)
        self._min_length = min_length
        self.limit(parallel)

    def limit(self, parallel: int) -> None:
        """Set how many may be hashed at the same time, before any is."""
        self._slots = BoundedSemaphore(parallel)

    def hash(self, password: str) -> str:
        """Return the argon2id hash in PHC format. Raises: `Unavailable` if too many are being hashed."""
        with self._slot():
            return self._hasher.hash(_octets(password))

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Return whether this is the password. For None or an unusable hash it takes as long and returns False."""
        known = password_hash if password_hash and password_hash.startswith("$argon2id$") else None
        with self._slot():
            try:
                self._hasher.verify(known or _NOBODYS_HASH, _octets(password[: MAX_LENGTH + 1]))
            except (VerificationError, InvalidHashError):
                return False
        return known is not None

    def needs_rehash(self, password_hash: str) -> bool:
        """Return whether the hash was made with other costs than the current ones."""
        return self._hasher.check_needs_rehash(password_hash)

    def form_error(self, password: str) -> FieldError | None:
        """Return what is wrong with the form of a new password, or None; this costs nothing."""
        return check_form(password, self._min_length)

    def field_error(self, password: str, own_words: Sequence[str] = ()) -> FieldError | None:
        """Return what is wrong with a new password, or None."""
        return check_strength(password, own_words, self._min_length)

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if not self._slots.acquire(timeout=TIMEOUT_SECONDS):
            raise Unavailable("Too many people are signing in at once.")
        try:
            yield
        finally:
            self._slots.release()


def check_strength(password: str, inputs: Sequence[str], min_length: int) -> FieldError | None:
    """Return what is wrong with the password, or None.

    NIST SP 800-63B-4, section 3.1.1.2: length and a list of common passwords, no composition rules. `inputs` are
    words that are easy to guess for this person: name, e-mail address, company.
    """
    if field_error := check_form(password, min_length):
        return field_error
    judged = password[:_JUDGED_LENGTH]
    if is_made_of_common_words(judged, inputs) or _is_guessable(judged, inputs):
        return _error("common_password", "This password is too easy to guess.")
    return None


def check_form(password: str, min_length: int) -> FieldError | None:
    """Return what is wrong with the password's length or characters, or None."""
    if len(password) < min_length:
        return _error("password_too_short", f"A password must have at least {min_length} characters.")
    if len(password) > MAX_LENGTH:
        return _error("password_too_long", f"A password must have at most {MAX_LENGTH} characters.")
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in password):
        return _error("invalid_password", "A password must not contain control characters.")
    return None


def _error(code: str, detail: str) -> FieldError:
    return FieldError("/password", code, detail)


def _is_guessable(password: str, inputs: Sequence[str]) -> bool:
    if len(_SUBSTITUTES & set(password)) > _MOST_SUBSTITUTES:
        return False
    # Not zxcvbn.zxcvbn, which puts the person's own words into a dictionary that all threads share.
    own_words = build_ranked_dict([word.lower() for word in _words(inputs)])
    matches = omnimatch(password, {**RANKED_DICTIONARIES, "user_inputs": own_words})
    result = most_guessable_match_sequence(password, matches)
    sequence = result["sequence"]
    is_listed = len(sequence) == 1 and sequence[0].get("dictionary_name") in {"passwords", "user_inputs"}
    return is_listed or bool(result["guesses"] < MIN_GUESSES)


def _words(inputs: Sequence[str]) -> list[str]:
    """Return what somebody who knows the person would try: the texts, whole and word by word."""
    texts = [text[:MAX_LENGTH] for text in inputs]
    return [*texts, *(word for text in texts for word in _WORD.findall(text))]


def _octets(password: str) -> bytes:
    """Return the password as it is hashed: NFKC (NIST SP 800-63B), so that it is the same from every keyboard."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
