"""Send messages by SMTP, encrypted unless the rules turn that off."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from typing import TYPE_CHECKING, Literal

import msgspec

from mulle.errors import RunError
from mulle.verbs.watch.alert.channels.base import read_secret

if TYPE_CHECKING:
    from mulle.verbs.watch.alert.alert import Message


class Email(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """An e-mail account to send from.

    Attributes:
        name: name of the channel.
        host, port: address of the mail server.
        sender: the address of the sender; `from` in the file.
        to: the addresses of the receivers.
        tls: "starttls" (port 587), "tls" from the first byte (465), or "none".
        user, password_env: user name, and environment variable with the password.
        timeout: seconds for each step of the exchange.
    """

    name: str
    host: str
    sender: str
    to: tuple[str, ...]
    port: int = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_env: str = ""
    timeout: float = 10.0

    def send(self, message: Message) -> None:
        """See `Channel`."""
        password = read_secret(self.password_env, self.name) if self.password_env else ""
        mail = self._mail(message)
        try:
            with self._connected() as server:
                if self.user:
                    server.login(self.user, password)
                server.send_message(mail)
        except (smtplib.SMTPException, OSError) as error:
            why = f"{type(error).__name__} {getattr(error, 'smtp_code', '')}".strip()
            raise RunError("alert-email-failed", channel=self.name, error=why) from error

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.tls == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        if self.tls == "starttls":
            try:
                server.starttls(context=context)
            except BaseException:
                server.close()
                raise
        return server

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = message.title, self.sender, ", ".join(self.to)
        mail["Date"] = formatdate(localtime=False)
        mail["Message-ID"] = f"<{message.id}@mulle>"  # the same on each try
        mail.set_content(message.text)
        return mail
