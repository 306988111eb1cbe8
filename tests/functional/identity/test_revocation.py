"""What a token opens is kept for a moment: however it is revoked, nobody is let in for longer than that.

Three processes share a catalog and a file of signing secrets. Two keep what they found out, and people are signed out,
removed, suspended ... through either of them, or by a third; what they answer is compared with what the catalog says.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from crmtenant.db.embedded.open_server import Server
from crmtenant.db.schema.migrations import head
from crmtenant.db.secrets import secret_file
from crmtenant.db.secrets.secret_source import LOOK_EVERY_SECONDS
from crmtenant.errors import DomainError, OperatorError, Unauthenticated
from crmtenant.models.catalog.tables import Login, Membership, Tenant
from crmtenant.platform import SIGNING_FILE, Platform
from crmtenant.platform.identity import IdentityRoom
from crmtenant.security.tokens import LEEWAY_SECONDS, MAX_LIFETIME_SECONDS
from crmtenant.services.identity.authentication import Client
from crmtenant.services.identity.sessions import StartedSession
from crmtenant.services.profiles.profiles import PasswordChange, ProfileChange
from crmtenant.services.tenants.deletion_requests import Requester
from tests.clock import Clock
from tests.functional.identity.people import PASSWORD, password_hash
from tests.functional.identity.revoking import Installation, Wall
from tests.functional.installation import Company, for_tests

IS_TORTURE = "CRMTENANT_TORTURE" in os.environ
EXAMPLES, STEPS = (200, 50) if IS_TORTURE else (6, 25)
#: what a process may believe of the catalog and of the secrets' file
A_SECOND = 1.0
CLIENT = Client("10.0.0.1")
PROCESSES = st.sampled_from([0, 1])
PEOPLE = st.sampled_from([0, 1, 2])
NAMES = st.sampled_from(["Berg", "Tal"])
ROLES = st.sampled_from(["admin", "member", "viewer"])
INVALID = (Unauthenticated, "invalid_token")
EXPIRED = (Unauthenticated, "token_expired")


@pytest.fixture(scope="module")
def installation(
    platform: Platform, server_address: Any, tmp_path_factory: Any, clock: Clock
) -> Iterator[Installation]:
    directory, wall = tmp_path_factory.mktemp("revoked"), Wall()
    changed = dataclasses.replace(
        platform.settings, signing_secret="generate", data_dir=directory, backup_dir=directory
    )
    opened = [for_tests(Platform(changed, Server(server_address, lambda: None)), clock) for _ in range(2)]
    for one in opened:
        one.identity.tokens._clock = wall
    company = Company(server_address, opened[0], None, "Revoked")  # type: ignore[arg-type]  # nobody asks by HTTP
    yield Installation(opened, company, directory / SIGNING_FILE, clock, wall)
    for one in opened:
        one.close()


@dataclass
class _Seen:
    """What was true of a token, and when it ceased to be."""

    outcome: object
    until: float | None = None


class Revocations(RuleBasedStateMachine):
    """People of a company, with tokens, and whatever may happen to them."""

    def __init__(self, installation: Installation) -> None:
        super().__init__()
        self.its = installation
        self.company = installation.company
        #: what was true of each token, and from where on a process must know it
        self.seen: dict[str, list[_Seen]] = {}
        self.known: dict[tuple[int, str], int] = {}
        self.signed_with: dict[str, str] = {}

    @initialize()
    def people(self) -> None:
        of_company = Tenant.id == self.company.id
        self.its.write(Tenant, of_company, state="active", schema_revision=head("tenant"), delete_after=None)
        self.users = self.company.join("admin", "member", "viewer")
        self.its.write(Login, Login.id.in_(self.users), password_hash=password_hash())
        self.sign_ins = [self._sign_in(who) for who in range(len(self.users))]

    @invariant()
    def nobody_is_let_in_for_longer_than_a_moment(self) -> None:
        self._look()
        for process, token in product((0, 1), self.seen):
            self._check(process, token)

    # What people do

    @rule(who=PEOPLE)
    def sign_in_again(self, who: int) -> None:
        self.sign_ins[who] = self._sign_in(who)

    @rule(seconds=st.sampled_from([0.1, 0.3, 0.49, 0.51, 0.9]))
    def wait(self, seconds: float) -> None:
        self.its.clock.put_forward(seconds)
        self.its.wall.ahead += seconds

    @rule()
    def wait_until_tokens_are_old(self) -> None:
        self.its.wall.ahead += MAX_LIFETIME_SECONDS + LEEWAY_SECONDS

    @rule(process=PROCESSES, who=PEOPLE, how=st.sampled_from(["end", "end_own", "end_by_token", "end_all"]))
    def sign_out(self, process: int, who: int, how: str) -> None:
        user, started = self.users[who], self.sign_ins[who]
        arguments = {"end_by_token": (started.refresh_token,), "end_all": (user,)}.get(
            how, (started.id, user)
        )
        self._by(process, lambda room: getattr(room.sign_ins, how)(*arguments))

    @rule(process=PROCESSES, who=PEOPLE)
    def use_an_old_refresh_token(self, process: int, who: int) -> None:
        token = self.sign_ins[who].refresh_token

        def refresh_thrice(room: IdentityRoom) -> None:
            newer = room.sign_ins.refresh(token).session
            assert newer is not None
            for refresh_token in (token, newer.refresh_token, token):
                room.sign_ins.refresh(refresh_token)

        self._by(process, refresh_thrice)

    @rule(process=PROCESSES, who=PEOPLE)
    def change_password(self, process: int, who: int) -> None:
        change = PasswordChange(PASSWORD, PASSWORD, self.sign_ins[who].id, self.company.id, "en")
        self._by(process, lambda room: room.profiles.change_password(self.users[who], change, CLIENT))
        self._take_token(who, self.sign_ins[who].id)

    @rule(process=PROCESSES, who=PEOPLE, name=NAMES)
    def rename_a_person(self, process: int, who: int, name: str) -> None:
        change = ProfileChange(name=name)
        self._by(process, lambda room: room.profiles.change(self.users[who], change, CLIENT))

    # What owners do

    @rule(process=PROCESSES, who=PEOPLE, role=ROLES)
    def change_role(self, process: int, who: int, role: str) -> None:
        of, by = (self.company.id, self.users[who]), self.company.people["owner"]
        self._by(process, lambda room: room.memberships.change_role(*of, role, actor_id=by))

    @rule(process=PROCESSES, who=PEOPLE)
    def remove(self, process: int, who: int) -> None:
        of, by = (self.company.id, self.users[who]), self.company.people["owner"]
        self._by(process, lambda room: room.memberships.remove(*of, actor_id=by))

    @rule(process=PROCESSES, name=NAMES)
    def rename_the_company(self, process: int, name: str) -> None:
        change = self.its.opened[process].tenants.companies.change
        self._by(process, lambda _: change(self.company.id, lambda _: {"name": name}))

    @rule(process=PROCESSES)
    def request_deletion(self, process: int) -> None:
        request = self.its.opened[process].tenants.deletion_requests.request
        requester = Requester(self.company.id, self.company.name, "en", "Anna Berg")
        self._by(process, lambda _: request(requester, self.company.slug))

    # What operators do

    @rule(process=PROCESSES, verb=st.sampled_from(["suspend", "resume", "delete", "undelete"]))
    def operate(self, process: int, verb: str) -> None:
        do = getattr(self.its.opened[process].operations.lifecycle, verb)
        self._by(process, lambda _: do(self.company.id))

    @rule(process=PROCESSES)
    def replace_the_database(self, process: int) -> None:
        """As a restore and a move do: with a new epoch, and then the company is settled."""

        def replace(_: IdentityRoom) -> None:
            self.its.write(Tenant, Tenant.id == self.company.id, epoch=Tenant.epoch + 1)
            self.its.opened[process].operations.lifecycle.settle(self.company.id)

        self._by(process, replace)

    @rule(retires=st.booleans())
    def rotate_the_signing_secret(self, retires: bool) -> None:
        secret_file.rotate(self.its.file)
        if retires:
            secret_file.retire(self.its.file, 0, lambda: time.time() + LOOK_EVERY_SECONDS)
        self.its.read_secrets()

    @rule(
        who=PEOPLE, values=st.sampled_from([{"is_active": False}, {"token_version": Login.token_version + 1}])
    )
    def change_a_person_elsewhere(self, who: int, values: dict[str, Any]) -> None:
        self.its.write(Login, Login.id == self.users[who], **values)

    @rule(who=PEOPLE, values=st.sampled_from([{"role": "viewer"}, {"state": "removed"}, {"state": "active"}]))
    def change_a_member_elsewhere(self, who: int, values: dict[str, Any]) -> None:
        self.its.write(Membership, Membership.user_id == self.users[who], **values)

    @rule(revision=st.sampled_from(["0000", head("tenant")]))
    def migrate_elsewhere(self, revision: str) -> None:
        self.its.write(Tenant, Tenant.id == self.company.id, schema_revision=revision)

    # What is held against it

    def _sign_in(self, who: int) -> StartedSession:
        started = self.its.sign_in(self.users[who])
        self._take_token(who, started.id)
        return started

    def _take_token(self, who: int, session_id: str) -> None:
        # So that nobody answers with what was true before there was this token.
        self.its.clock.put_forward(A_SECOND)
        token = self.its.token(self.users[who], session_id)
        self.seen[token] = [_Seen(self.its.truth(token))]
        self.signed_with[token] = self.its.read_secrets()[0]

    def _by(self, process: int, change: Callable[[IdentityRoom], object]) -> None:
        """Let the process make this change, which it may refuse. It must know of it at once."""
        self._look()
        before = {token: len(seen) for token, seen in self.seen.items()}
        with suppress(DomainError, OperatorError):
            change(self.its.opened[process].identity)
        self._look()
        for token, seen in self.seen.items():
            if len(seen) > before[token]:
                self.known[process, token] = len(seen) - 1

    def _look(self) -> None:
        """Note what is true now."""
        for token, seen in self.seen.items():
            outcome = self.its.truth(token)
            if outcome != seen[-1].outcome:
                seen[-1].until = self.its.clock()
                seen.append(_Seen(outcome))

    def _check(self, process: int, token: str) -> None:
        since = self.its.clock() - A_SECOND
        answer = self.its.ask(process, token)
        seen, known = self.seen[token], self.known.get((process, token), 0)
        allowed = [one.outcome for one in seen[known:] if one.until is None or one.until > since]
        if seen[-1].outcome == EXPIRED:
            allowed = [EXPIRED]  # that needs nothing to be looked up
        retired_at = self.its.secrets[self.signed_with[token]]
        if retired_at is not None:
            allowed = [INVALID, *(allowed if retired_at > since else [])]
        assert answer in allowed


def test_nobody_is_let_in_for_longer_than_a_moment_however_they_are_revoked(
    installation: Installation,
) -> None:
    run_state_machine_as_test(
        partial(Revocations, installation),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
