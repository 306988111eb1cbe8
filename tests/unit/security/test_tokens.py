"""Access tokens: what is ours is read, whatever else is refused, always with the same words."""

from __future__ import annotations

import random
import string
import threading

import pytest

from crmtenant.db.secrets.secret_source import SecretSource
from crmtenant.errors import Unauthenticated
from crmtenant.security.keyring import Keyring
from crmtenant.security.opaque_tokens import new_jti
from crmtenant.security.tokens import CACHED_TOKENS, Claims, Tokens, bearer
from tests.unit.security import forge
from tests.unit.security.bad_tokens import BAD_TOKENS
from tests.unit.security.forge import CLAIMS, LOGIN, NOW, SECRET, SESSION, TENANT, signed, with_claims

MUTANTS = 20_000


BEFORE = "the secret before this one, also long enough"


class Clock:
    def __init__(self, now=NOW):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def tokens_of(clock, *secrets):
    return Tokens(Keyring(SecretSource(lambda: secrets)), 900, clock)


@pytest.fixture
def tokens(clock):
    return tokens_of(clock, SECRET)


def refusal(tokens, token):
    with pytest.raises(Unauthenticated) as refused:
        tokens.read(token)
    return type(refused.value), refused.value.reason, refused.value.detail, refused.value.__suppress_context__


def test_a_token_made_by_hand_as_ours_are_is_read(tokens):
    assert tokens.read(signed()) == Claims(LOGIN, TENANT, 3, NOW + 900, SESSION)


def test_an_issued_token_is_read(tokens):
    token = tokens.issue(LOGIN, TENANT, 7, session_id=SESSION)
    assert tokens.read(token) == Claims(LOGIN, TENANT, 7, NOW + 900, SESSION)


def test_an_issued_token_has_the_header_and_the_claims_of_the_contract(tokens):
    header, payload, _ = tokens.issue(LOGIN, TENANT, 3, jti=CLAIMS["jti"]).split(".")
    assert f"{header}.{payload}" == signed().rpartition(".")[0]


def test_the_same_moment_and_jti_make_the_same_token(tokens, clock):
    first = tokens.issue(LOGIN, TENANT, 1, issued_at=NOW - 5.7, jti=new_jti(SESSION, "d" * 22))
    clock.now += 60
    assert first == tokens.issue(LOGIN, TENANT, 1, issued_at=NOW - 5.2, jti=new_jti(SESSION, "d" * 22))


def test_two_tokens_are_never_the_same(tokens):
    assert len({tokens.issue(LOGIN, TENANT, 1, session_id=SESSION) for _ in range(50)}) == 50


def test_there_are_more_than_165_bad_tokens_and_all_differ():
    assert len(BAD_TOKENS) >= 165
    assert len(set(BAD_TOKENS.values())) >= len(BAD_TOKENS) - 3


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
def test_a_bad_token_is_refused_in_the_one_way(tokens, token):
    plain = Unauthenticated()
    assert refusal(tokens, token) == (Unauthenticated, plain.reason, plain.detail, True)


def test_a_bad_token_is_refused_beside_a_good_one_that_was_read_before(tokens):
    tokens.read(signed())
    for token in BAD_TOKENS.values():
        refusal(tokens, token)


def test_no_mutant_of_a_good_token_is_accepted(tokens):
    good = signed()
    tokens.read(good)
    dice = random.Random(20261123)
    alphabet = string.ascii_letters + string.digits + "-_.=+/ \n\x00é"
    mutants = {mutate(dice, good, alphabet) for _ in range(MUTANTS)} - {good}
    assert len(mutants) > MUTANTS * 0.9
    assert {outcome(tokens, mutant) for mutant in mutants} == {"invalid_token"}


def outcome(tokens, token):
    try:
        tokens.read(token)
    except Unauthenticated as refused:
        return refused.reason
    return "accepted"


def mutate(dice, token, alphabet):
    """The token with one to three letters changed, added, dropped, doubled or exchanged."""
    letters = list(token)
    for _ in range(dice.randint(1, 3)):
        at, other = dice.randrange(len(letters)), dice.randrange(len(letters))
        kind = dice.randrange(5)
        if kind == 0:
            letters[at] = dice.choice(alphabet)
        elif kind == 1:
            letters.insert(at, dice.choice(alphabet))
        elif kind == 2:
            del letters[at]
        elif kind == 3:
            letters[at:at] = letters[at : at + dice.randint(1, 8)]
        else:
            letters[at], letters[other] = letters[other], letters[at]
    return "".join(letters)


@pytest.mark.parametrize("late", [0, 899, 909])
def test_a_token_is_good_until_its_end_and_ten_seconds(tokens, clock, late):
    clock.now = NOW + late
    assert tokens.read(signed()).expires_at == NOW + 900


@pytest.mark.parametrize("was_read_before", [True, False])
def test_a_token_that_was_ours_and_is_too_old_says_so(tokens, clock, was_read_before):
    if was_read_before:
        tokens.read(signed())
    clock.now = NOW + 910
    assert refusal(tokens, signed())[1] == "token_expired"


def test_an_expired_token_with_a_bad_signature_does_not_learn_that_it_expired(tokens, clock):
    clock.now = NOW + 5000
    assert refusal(tokens, signed(key=b"x" * 32))[1] == "invalid_token"


@pytest.mark.parametrize("early", [1, 10])
def test_a_clock_ten_seconds_ahead_is_forgiven(tokens, early):
    assert tokens.read(with_claims(iat=NOW + early, nbf=NOW + early)).user_id == LOGIN


def test_an_old_secret_still_reads_and_no_longer_signs(clock):
    old = tokens_of(clock, BEFORE)
    new = tokens_of(clock, SECRET, BEFORE)
    assert new.read(old.issue(LOGIN, TENANT, 1)).tenant_id == TENANT
    with pytest.raises(Unauthenticated):
        old.read(new.issue(LOGIN, TENANT, 1))


def test_a_retired_secret_reads_nothing(clock, tokens):
    old = tokens_of(clock, BEFORE)
    assert refusal(tokens, old.issue(LOGIN, TENANT, 1))[1] == "invalid_token"


def test_the_header_of_one_key_with_the_signature_of_another_is_refused(clock):
    ring = tokens_of(clock, SECRET, BEFORE)
    other = forge.derived_key(BEFORE, "access-token")
    assert refusal(ring, signed(key=other))[1] == "invalid_token"


def test_no_more_tokens_are_kept_than_there_is_room_for(tokens):
    first = tokens.issue(LOGIN, TENANT, 1)
    tokens.read(first)
    for version in range(1, CACHED_TOKENS + 10):
        tokens.read(tokens.issue(LOGIN, TENANT, version))
    assert len(tokens._ring().read) == CACHED_TOKENS
    assert tokens.read(first).token_version == 1


def test_many_threads_read_as_one(tokens):
    good = [tokens.issue(LOGIN, TENANT, version) for version in range(1, 30)]
    wrong = []

    def read():
        for version, token in enumerate(good * 20):
            if tokens.read(token).token_version != version % 29 + 1:
                wrong.append(token)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize(
    "header", ["Bearer abc", "bearer abc", "BEARER abc", "Bearer   abc", "Bearer a.b-c_d~e+f/g=="]
)
def test_a_bearer_header_gives_its_token(header):
    assert bearer([header]) == header.split()[-1]


def test_no_header_is_no_token():
    assert bearer([]) is None


@pytest.mark.parametrize(
    "headers",
    [
        [""],
        ["Bearer"],
        ["Bearer "],
        ["Basic YTpi"],
        ["Bearer a b"],
        ["Bearer a, Bearer b"],
        ["Bearer Bearer a"],
        ["Bearer a", "Bearer a"],
        ["Bearer a", ""],
        ["Bearera"],
        ["Bearer\ta"],
        [" Bearer a"],
        ["Bearer a "],
        ["Bearer a\n"],
        ["Bearer a\x00"],
        ["Bearer é"],
        ["Bearer =a"],
        ["token a"],
        ["Bearer a;b"],
        ["ſBearer a"],
    ],
)
def test_whatever_else_the_header_says_is_refused(headers):
    with pytest.raises(Unauthenticated) as refused:
        bearer(headers)
    assert refused.value.reason == "invalid_token"
