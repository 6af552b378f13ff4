"""Messages arrive at real servers, signed and encrypted, and no secret is ever told."""

import base64
import email
import email.policy
import http.server
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from hashlib import sha256
from hmac import new as hmac
from pathlib import Path
from typing import Any

import pytest

from mulle.errors import MissingExtra, RunError
from mulle.verbs.watch.alert import Alerts, Message, parse_rules
from mulle.verbs.watch.alert.channels import Chat, Email, Webhook

MESSAGE = Message("id-1", "[주의] 타이타닉: 가격", "‘가격’의 분포가 바뀌었습니다.\n.점으로 시작")


class Receiver:
    """An HTTP server that answers with the codes it is given, then with 200."""

    def __init__(self) -> None:
        self.codes: list[int] = []
        self.requests: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((dict(self.headers), body))
                code = receiver.codes.pop(0) if receiver.codes else 200
                self.send_response(code)
                if code in {301, 302}:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

            do_GET = do_POST  # noqa: N815 - the name that the library calls

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook-with-token"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


def test_a_webhook_is_signed_json(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", receiver.url)
    monkeypatch.setenv("KEY", "열쇠")
    Webhook("team", url_env="HOOK", secret_env="KEY").send(MESSAGE)
    ((headers, body),) = receiver.requests
    said = json.loads(body)
    assert (said["format"], said["id"]) == (1, "id-1")
    assert (said["title"], said["text"]) == (MESSAGE.title, MESSAGE.text)
    assert headers["Idempotency-Key"] == "id-1"
    moment, digest = (part.split("=")[1] for part in headers["X-Mulle-Signature"].split(","))
    signed = hmac("열쇠".encode(), moment.encode() + b"." + body, sha256).hexdigest()
    assert digest == signed
    assert abs(int(moment) - datetime.now(UTC).timestamp()) < 60


def test_a_webhook_is_tried_again(receiver: Receiver) -> None:
    receiver.codes = [503, 429]
    Webhook("team", url=receiver.url, backoff=0.01).send(MESSAGE)
    assert len(receiver.requests) == 3
    assert len({headers["Idempotency-Key"] for headers, _ in receiver.requests}) == 1


@pytest.mark.parametrize(("code", "tries"), [(500, 3), (404, 1), (403, 1), (302, 1)])
def test_what_a_webhook_does_not_take_is_told_without_its_address(
    receiver: Receiver, code: int, tries: int
) -> None:
    receiver.codes = [code] * 9
    with pytest.raises(RunError, match=f"‘team’ failed: the receiver answered {code}") as error:
        Webhook("team", url=receiver.url, backoff=0.01).send(MESSAGE)
    assert len(receiver.requests) == tries
    assert "token" not in str(error.value) + repr(error.value)


def test_nobody_there_and_no_answer() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/token"
        with pytest.raises(RunError, match="refused") as error:
            Webhook("team", url=url, retries=1, backoff=0.01).send(MESSAGE)
        assert "token" not in str(error.value)
        silent.listen()
        with pytest.raises(RunError, match=r"cannot be reached \(TimeoutError\)"):
            Webhook("team", url=url, timeout=0.1, retries=0).send(MESSAGE)


@pytest.mark.parametrize(
    "channel",
    [
        Webhook("c", url_env="NOT_SET"),
        Webhook("c", url="http://127.0.0.1:9", secret_env="NOT_SET"),
        Email("c", "127.0.0.1", "a@b.c", ("d@e.f",), user="u", password_env="NOT_SET"),
    ],
)
def test_a_variable_that_is_not_set_is_named(channel: Any, monkeypatch) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    with pytest.raises(RunError, match="the environment variable NOT_SET is not set"):
        channel.send(MESSAGE)


def test_an_address_of_another_kind_is_not_opened(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOOK", tmp_path.as_uri())
    with pytest.raises(RunError, match="does not begin with http://"):
        Webhook("c", url_env="HOOK").send(MESSAGE)


# --- e-mail -----------------------------------------------------------------------------------


class Mailbox:
    """An SMTP server that takes one message at a time, in the clear or with TLS."""

    def __init__(self, tls: str = "none", context: ssl.SSLContext | None = None) -> None:
        self.tls, self.context = tls, context
        self.mails: list[EmailMessage] = []
        self.logins: list[str] = []
        self.refuse = ""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            try:
                with connection:
                    self._talk(connection)
            except OSError:
                continue  # the client hung up: a certificate it did not trust

    def _talk(self, connection: socket.socket) -> None:  # noqa: C901 - one verb after another
        if self.tls == "tls":
            assert self.context
            connection = self.context.wrap_socket(connection, server_side=True)
        file = connection.makefile("rwb", 0)

        def say(text: str) -> None:
            file.write(text.encode() + b"\r\n")

        say("220 here")
        while line := file.readline():
            verb = line.split()[0].upper().decode()
            if verb == "EHLO":
                more = ["STARTTLS"] if self.tls == "starttls" else []
                for word in ("here", *more):
                    say(f"250-{word}")
                say("250 AUTH PLAIN")
            elif verb == "STARTTLS":
                say("220 go")
                assert self.context
                connection = self.context.wrap_socket(connection, server_side=True)
                file = connection.makefile("rwb", 0)
            elif verb == "AUTH":
                self.logins.append(base64.b64decode(line.split()[2]).decode())
                say(self.refuse or "235 ok")
            elif verb == "DATA":
                say("354 go")
                lines = []
                while (data := file.readline()) != b".\r\n":
                    lines.append(data[1:] if data.startswith(b"..") else data)
                mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
                assert isinstance(mail, EmailMessage)
                self.mails.append(mail)
                say("250 taken")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say("250 ok")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    yield box
    box.socket.close()


def test_a_mail_arrives_in_korean(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD", "s3cret")
    channel = Email(
        "mail", "127.0.0.1", "mulle@example.org", ("a@example.org", "b@example.org"),
        port=mailbox.port, tls="none", user="me", password_env="PASSWORD",
    )  # fmt: skip
    channel.send(MESSAGE)
    (mail,) = mailbox.mails
    assert mail["Subject"] == MESSAGE.title and mail["To"] == "a@example.org, b@example.org"
    assert mail["Message-ID"] == "<id-1@mulle>" and mail["From"] == "mulle@example.org"
    assert mail.get_content().replace("\r\n", "\n").rstrip("\n") == MESSAGE.text
    assert mailbox.logins == ["\0me\0s3cret"]


def test_a_login_that_fails_is_told_without_the_password(mailbox: Mailbox, monkeypatch) -> None:
    monkeypatch.setenv("PASSWORD", "s3cret")
    mailbox.refuse = "535 no such s3cret"
    channel = Email("mail", "127.0.0.1", "a@b.c", ("d@e.f",), port=mailbox.port, tls="none",
                    user="me", password_env="PASSWORD")  # fmt: skip
    with pytest.raises(RunError, match="failed: SMTPAuthenticationError 535") as error:
        channel.send(MESSAGE)
    assert "s3cret" not in str(error.value) and mailbox.mails == []


def test_a_server_without_tls_gets_no_mail(mailbox: Mailbox) -> None:
    with pytest.raises(RunError, match="SMTPNotSupportedError"):
        Email("mail", "127.0.0.1", "a@b.c", ("d@e.f",), port=mailbox.port).send(MESSAGE)
    assert mailbox.mails == []


@pytest.mark.skipif(not shutil.which("openssl"), reason="wants openssl to make a certificate")
@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_a_mail_is_encrypted_and_the_server_must_be_who_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls: Any
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    box = Mailbox(tls, context)
    channel = Email("mail", "127.0.0.1", "a@b.c", ("d@e.f",), port=box.port, tls=tls)
    with pytest.raises(RunError, match="SSLCertVerificationError"):
        channel.send(MESSAGE)
    assert box.mails == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    channel.send(MESSAGE)
    assert [mail["Subject"] for mail in box.mails] == [MESSAGE.title]
    box.socket.close()


# --- chat -------------------------------------------------------------------------------------


def test_chat_through_apprise(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("apprise")
    monkeypatch.setenv("CHAT", receiver.url.replace("http://", "json://"))
    Chat("chat", "CHAT").send(MESSAGE)
    said = json.loads(receiver.requests[0][1])
    assert said["title"] == MESSAGE.title and "분포가 바뀌었습니다" in said["message"]
    receiver.codes = [500]
    with pytest.raises(RunError, match="the service did not accept the message") as error:
        Chat("chat", "CHAT").send(MESSAGE)
    assert "token" not in str(error.value)
    monkeypatch.setenv("CHAT", "nonsense://token")
    with pytest.raises(RunError, match="does not know this kind of address") as error:
        Chat("chat", "CHAT").send(MESSAGE)
    assert "token" not in str(error.value)


def test_chat_without_apprise_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(MissingExtra) as error:
        Chat("chat", "CHAT").send(MESSAGE)
    assert error.value.what == ("Sending alerts to a chat needs apprise, which is not installed.")
    assert error.value.fix == 'pip install "mulle[alert]"'


# --- all of it --------------------------------------------------------------------------------

LOOK = "mulle watch titanic.mulle l.db --since {since}"
RULES = """
language = "{lang}"
[[rule]]
name = "drift"
on = "drift"
above = 0.2
clear = 0.1
channels = ["team", "mail"]
[channel.team]
type = "webhook"
url_env = "HOOK"
[channel.mail]
type = "email"
host = "127.0.0.1"
port = {port}
tls = "none"
from = "mulle@example.org"
to = ["a@example.org"]
"""


@pytest.mark.parametrize(
    ("lang", "title", "sentence"),
    [
        ("en", "[warning] titanic: drift (1)", "‘price’ has drifted: PSI 0.4, limit 0.2 "
         "(300 rows now, 900 learned from). It moved."),
        ("ko", "[주의] titanic: drift (1건)",
         "‘price’의 분포가 바뀌었습니다: PSI(안정성 지수) 0.4, 기준 0.2 "
         "(지금 300행, 학습 때 900행). It moved."),
    ],
)  # fmt: skip
def test_an_alert_from_the_rule_to_the_mailbox(
    receiver: Receiver, mailbox: Mailbox, tmp_path: Path, monkeypatch, lang, title, sentence
) -> None:
    monkeypatch.setenv("HOOK", receiver.url)
    rules = parse_rules(RULES.format(lang=lang, port=mailbox.port))
    alerts = Alerts(rules, tmp_path / "b.db", model="titanic", look=LOOK)
    figures = {"measure": "psi", "score": 0.4, "n_ref": 900, "n_cur": 300, "reason": "It moved."}
    alerts.check({"columns": {"price": figures}})
    (mail,), ((_, body),) = mailbox.mails, receiver.requests
    said = json.loads(body)
    assert mail["Subject"] == said["title"] == title
    assert f"- {sentence}" in said["text"] and sentence in mail.get_content()
    assert said["alerts"][0]["evidence"] == figures
    assert said["alerts"][0]["look"].startswith("mulle watch titanic.mulle l.db --since 2")
    assert said["alerts"][0]["look"] in said["text"]
    alerts.check({"columns": {"price": {**figures, "score": 0.05}}})
    assert len(mailbox.mails) == 2 and len(receiver.requests) == 2


def test_no_secret_reaches_the_book(receiver: Receiver, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("HOOK", receiver.url)
    receiver.codes = [404] * 5
    rules = parse_rules(RULES.format(lang="en", port=1))
    alerts = Alerts(rules, tmp_path / "b.db", model="m")
    alerts.check({"columns": {"price": {"score": 0.4}}}, deliver=False)
    delivered = alerts.deliver()
    assert len(delivered) == 2 and not any(d.sent for d in delivered)
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"404" in written and b"token" not in written
    assert os.environ["HOOK"] not in str(delivered)
