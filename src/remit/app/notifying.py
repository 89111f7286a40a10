"""Tell people of their cases, from rows that were written together with the case itself.

At least once: a row is taken by a lease and settled after the attempt, so that a crash leads to another
attempt, and the count of attempts is durable before each one, so that there are never more than declared.
"""

import asyncio
import contextlib
from collections.abc import Mapping

from remit.app.remit import Remit
from remit.contract import Notify, SecretName, queue_of
from remit.errors import NotFound, RemitError
from remit.export import (
    NotDelivered,
    Notice,
    mail,
    post,
    send_mail,
    sender_of,
    slack_body,
    wait_s,
    webhook_body,
    webhook_headers,
)
from remit.log import Log
from remit.store import Changes, Row, Statement

AT_ONCE = 20
LOOK_EVERY_S = 1.0
SERVER = "REMIT_SMTP"
ADDRESS = "REMIT_PUBLIC_URL"


class Notifier:
    """Tells people of the cases of the agents that are registered here."""

    def __init__(
        self, log: Log, changes: Changes, remits: Mapping[str, Remit], environment: Mapping[str, str]
    ) -> None:
        self._log = log
        self._changes = changes
        self._remits = remits
        self._environment = environment
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self, look_every_s: float = LOOK_EVERY_S) -> None:
        """Tells what is to be told, until it is cancelled; one that hangs holds up nothing but itself."""
        try:
            while True:
                with contextlib.suppress(RemitError):
                    # A log that cannot be read now is looked at again.
                    await self.look()
                await asyncio.sleep(look_every_s)
        finally:
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def look(self) -> int:
        """Begins what is due, as far as there is room; how much it began."""
        room = AT_ONCE - len(self._under_way)
        if room <= 0:
            return 0
        begun: list[Row] = []
        for agent in list(self._remits):
            values = {"agent": agent, "most": room - len(begun)}
            rows = await asyncio.to_thread(self._changes.look, "due_notifications", values)
            begun += [row for row in rows if await self._claimed(row)]
        for row in begun:
            task = asyncio.get_running_loop().create_task(self._attempt(row))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return len(begun)

    async def tell_all(self) -> int:
        """Makes one attempt at everything that is due, and waits for it; how many it made."""
        made = 0
        while begun := await self.look():
            made += begun
            await self.settled()
        return made

    async def settled(self) -> None:
        """Returns once everything that was begun is settled."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _notify(self, row: Row) -> Notify | None:
        """The target of a row as the remit here declares it; None where it declares it no more."""
        notify = queue_of(self._remits[row["agent"]].contract, row["queue"]).notify
        target: int = row["target"]
        return notify[target] if target < len(notify) else None

    async def _claimed(self, row: Row) -> bool:
        notify = self._notify(row)
        if notify is None or row["attempts"] >= notify.attempts:
            reason = row["error"] or ("its sender was lost" if notify else "the remit no longer names it")
            await self._settle(row, row["attempts"], "dead", reason)
            return False
        values = {
            "notification_id": row["notification_id"],
            "attempts": row["attempts"],
            "lease_s": notify.timeout * 2 + 10,
        }
        return bool(await asyncio.to_thread(self._changes.carry_out, Statement("claim_notification", values)))

    async def _attempt(self, row: Row) -> None:
        notify, attempts = self._notify(row), row["attempts"] + 1
        if notify is None:
            return
        try:
            await self._tell(row, notify)
        except NotDelivered as failed:
            again = attempts < notify.attempts
            share = self._log.random_bytes(1)[0] / 255
            pause_s = wait_s(attempts, share) if again else 0.0
            await self._settle(row, attempts, "pending" if again else "dead", str(failed), pause_s)
        else:
            await self._settle(row, attempts, "sent", "")

    async def _tell(self, row: Row, notify: Notify) -> None:
        notice = await asyncio.to_thread(self._notice, row)
        if notice is None:
            return
        timeout_s = notify.timeout
        if notify.webhook is not None:
            body = webhook_body(notice)
            key = self._value(notify.key)
            headers = webhook_headers(key, notice.id, self._log.clock(), body)
            await post(self._value(notify.webhook), body, headers, timeout_s=timeout_s)
        elif notify.slack is not None:
            await post(self._value(notify.slack), slack_body(notice), {}, timeout_s=timeout_s)
        elif notify.email is not None:
            server = self._environment.get(SERVER, "")
            if not server:
                raise NotDelivered(f"{SERVER} names no mail server")
            message = mail(notice, sender=sender_of(server), to=notify.email)
            await send_mail(server, message, timeout_s=timeout_s)

    def _notice(self, row: Row) -> Notice | None:
        """What is told; None where nobody needs to decide any more."""
        try:
            case = self._log.fold(row["run_id"]).cases[row["case_id"]]
        except (NotFound, ValueError):
            return None
        if case.decided is not None:
            return None
        opened = case.opened
        address = self._environment.get(ADDRESS, "").rstrip("/")
        return Notice(
            id=row["notification_id"],
            case=opened.case,
            run_id=row["run_id"],
            agent=row["agent"],
            queue=row["queue"],
            question=opened.question,
            why=opened.why,
            deadline=opened.deadline,
            otherwise=opened.otherwise,
            link=f"{address}/review/{opened.case}" if address else "",
        )

    def _value(self, setting: str | SecretName | None) -> str:
        if not isinstance(setting, SecretName):
            return setting or ""
        value = self._environment.get(setting.secret, "")
        if not value:
            raise NotDelivered(f"the secret {setting.secret} is not set here")
        return value

    async def _settle(self, row: Row, attempts: int, state: str, error: str, pause_s: float = 0.0) -> None:
        values = {
            "notification_id": row["notification_id"],
            "attempts": attempts,
            "state": state,
            "error": error,
            "wait_s": pause_s,
        }
        await asyncio.to_thread(self._changes.carry_out, Statement("settle_notification", values))
