"""What the server prints at its start, and how wrong settings stop it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crmtenant.errors import SettingsError
from crmtenant.serving.server import serve
from tests.functional.serving.http_server.running import ROOT, SERVED, Running


def test_the_address_is_printed_and_then_what_the_platform_has_to_say(run: Callable[[], Running]) -> None:
    server = run()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", server.url)
    assert server.said(2)[1] == "Welcome."


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"listen": "127.0.0.1:0"}, "threads: missing; expected a number from 1 to 64"),
        ({"listen": "127.0.0.1:0", "threads": "none"}, "threads: expected a number .*, got 'none'"),
        ({"listen": "127.0.0.1:0", "threads": "0"}, "threads: expected"),
        (
            {"listen": "127.0.0.1", "threads": "2", "trusted_proxy": "none"},
            "listen: expected addresses such as",
        ),
        (
            {"listen": "${NO_SUCH_VARIABLE}", "threads": "2", "trusted_proxy": "none"},
            "environment variable NO_SUCH_VARIABLE",
        ),
        (
            {"listen": "127.0.0.1:0", "threads": "2", "trusted_proxy": "none", "ident": "me"},
            "ident: unknown setting",
        ),
        *(
            (
                {"listen": "127.0.0.1:0", "threads": "2", "trusted_proxy": "none", "workers": wrong},
                "workers: expected a number from 1 to 64, or auto",
            )
            for wrong in ("0", "65", "many", "")
        ),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_expected(settings: dict[str, str], complaint: str) -> None:
    before = sys.excepthook, signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SettingsError, match=complaint):
            serve(lambda environ, start: [], {}, **settings)
    finally:
        sys.excepthook = before[0]
        signal.signal(signal.SIGTERM, before[1])


def _pserve(tmp_path: Path, app: str, listen: str) -> subprocess.CompletedProcess[str]:
    ini = tmp_path / "test.ini"
    ini.write_text(
        f"[app:main]\nuse = call:served:main\njournal = {tmp_path}/journal\n{app}\n"
        f"[server:main]\npaste.server_runner = crmtenant.serving.server:serve\nlisten = {listen}\nthreads = 2\ntrusted_proxy = none\n"
    )
    path = os.pathsep.join([str(ROOT), str(SERVED)])
    return subprocess.run(
        [sys.executable, "-m", "pyramid.scripts.pserve", str(ini)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )


def test_a_taken_port_is_told_in_one_sentence_and_what_was_opened_is_closed(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        answer = _pserve(tmp_path, "", f"127.0.0.1:${{NO_SUCH_VARIABLE:-{port}}}")
    assert answer.returncode == 1
    assert f"Cannot listen on http://127.0.0.1:{port}: Address already in use." in answer.stderr
    assert "Traceback" not in answer.stderr
    assert (tmp_path / "journal").read_text() == "start_serving\nclose\n"


def test_an_application_that_cannot_start_is_told_in_one_sentence(tmp_path: Path) -> None:
    answer = _pserve(tmp_path, "fail = The disk is full.", "127.0.0.1:0")
    assert answer.returncode == 1
    assert answer.stderr == "crmtenant: The disk is full.\n"
