"""A mail server on this machine, for the tests that send mails."""

import socket
from contextlib import contextmanager

from aiosmtpd.controller import Controller


class Mailbox:
    """A mail server's handler that keeps what it is given, or refuses it."""

    def __init__(self, answer="250 OK"):
        self.answer = answer
        self.taken = []

    async def handle_DATA(self, server, session, envelope):
        self.taken.append(envelope)
        return self.answer


@contextmanager
def mail_server(box):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{port}?from=remit@example.com"
    finally:
        controller.stop()
