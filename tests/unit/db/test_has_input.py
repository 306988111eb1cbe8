"""Looking whether a connection has something to say."""

import fcntl
import os
import resource
import socket

import pytest

from crmtenant.db.pool.connection import has_input

BEYOND_SELECT = 1100


@pytest.fixture
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * BEYOND_SELECT), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_descriptors")
def test_a_descriptor_beyond_those_that_select_knows_is_looked_at():
    near, far = socket.socketpair()
    descriptor = fcntl.fcntl(near.fileno(), fcntl.F_DUPFD, BEYOND_SELECT)
    with near, far:
        assert not has_input(descriptor)
        far.send(b"x")
        assert has_input(descriptor)
        near.recv(1)
        far.close()
        assert has_input(descriptor)
    os.close(descriptor)
