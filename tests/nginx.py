"""Debian's nginx over deploy/nginx.conf: what it says stands, but for ports, certificate and waiting times."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

CONF = Path(__file__).parents[1] / "deploy" / "nginx.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
START_SECONDS = 20
_MAIN = """\
daemon off;
pid {directory}/pid;
error_log {directory}/log;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    {conf}
}}
"""


@contextmanager
def nginx(port: int, upstream: int, replaced: Sequence[tuple[str, str]] = ()) -> Iterator[str]:
    """Serve https at this port of 127.0.0.1 in front of what is at `upstream`; the address is yielded."""
    assert NGINX is not None
    directory = Path(tempfile.mkdtemp(prefix="crmtenant-nginx-"))
    # Its workers are another user where the tests are root.
    directory.chmod(0o711)
    _make_certificate(directory)
    (directory / "nginx.conf").write_text(_settings(directory, port, upstream, replaced))
    process = subprocess.Popen(
        [NGINX, "-p", directory, "-c", directory / "nginx.conf", "-e", directory / "log"]
    )
    try:
        _wait(port, directory / "log")
        yield f"https://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(directory, ignore_errors=True)


def trusting() -> ssl.SSLContext:
    """What a client needs to believe the certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _settings(directory: Path, port: int, upstream: int, replaced: Sequence[tuple[str, str]]) -> str:
    conf = CONF.read_text()
    changes = [
        ("    server 127.0.0.1:6544 max_fails=2 fail_timeout=5s;\n", ""),
        ("127.0.0.1:6543 max_fails=2 fail_timeout=5s", f"127.0.0.1:{upstream} max_fails=0"),
        ("server_name crm.example.com", "server_name 127.0.0.1"),
        ("    listen 80;\n", f"    listen unix:{directory}/redirect;\n"),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        # The port belongs to the host here, and to no host of production.
        ("proxy_set_header Host $host;", "proxy_set_header Host $host:$server_port;"),
        ("/etc/ssl/crm.example.com.pem", f"{directory}/pem"),
        ("/etc/ssl/private/crm.example.com.key", f"{directory}/key"),
        *replaced,
    ]
    for old, new in changes:
        assert old in conf, old
        conf = conf.replace(old, new)
    return _MAIN.format(directory=directory, conf=conf)


def _make_certificate(directory: Path) -> None:
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    files = ["-keyout", str(directory / "key"), "-out", str(directory / "pem")]
    subprocess.run(["openssl", "req", "-x509", *key, *files, *subject], check=True, capture_output=True)


def _wait(port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError):
            try:
                urllib.request.urlopen(f"https://127.0.0.1:{port}/", context=trusting(), timeout=2).close()
            except urllib.error.HTTPError:
                return
            return
        time.sleep(0.1)
    raise AssertionError(f"nginx did not start: {log.read_text() if log.exists() else ''}")
