"""Passwords that people choose, judged within limits: it takes a core some tens of milliseconds, whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from crmtenant.errors import FieldError

if TYPE_CHECKING:
    from crmtenant.security.passwords import Passwords
    from crmtenant.services.identity.authentication import Client
    from crmtenant.services.identity.rate_limits import LimitPolicy, RateLimits


class PasswordChoices:
    """Judges new passwords."""

    def __init__(self, passwords: Passwords, rate_limits: RateLimits, policy: LimitPolicy) -> None:
        self._passwords = passwords
        self._rate_limits = rate_limits
        self._policy = policy

    def judge_for(self, client: Client) -> Callable[[str, Sequence[str]], FieldError | None]:
        """Return what says what is wrong with a new password, given words that are easy to guess for the person.

        It raises `TooMany` where the client has had too many passwords judged.
        """

        def judge(password: str, own_words: Sequence[str]) -> FieldError | None:
            if field_error := self._passwords.form_error(password):
                return field_error
            self._rate_limits.count(self._policy.password_choice(), client.block)
            return self._passwords.field_error(password, own_words)

        return judge
