"""Who was not told of a case, and why; and another try for what was given up."""

from typing import Literal

from remit.app.access import Identity
from remit.app.seeing import Page, page_of, position_of, restriction_of
from remit.errors import NotFound
from remit.event import Administered
from remit.log import Log, administer
from remit.store import Row, Statement, notifications_page

NotificationState = Literal["dead", "pending", "sending", "sent"]
NOTIFICATION_STATES: tuple[NotificationState, ...] = ("dead", "pending", "sending", "sent")
MOST = 200


def notifications_seen(
    log: Log, identity: Identity, state: str, *, cursor: str | None = None, most: int = MOST
) -> Page:
    """Notifications in that state of the cases that somebody may see, newest first, page by page.

    CursorInvalid if the cursor is none of ours.
    """
    statement = notifications_page(state, restriction_of(identity), before=position_of(cursor), most=most + 1)
    return page_of(log.store.select(*statement), most, "created_at", "notification_id")


def tell_again(log: Log, identity: Identity, notification_id: str) -> Row:
    """Has one that was given up tried anew, with all its attempts, and says so in the administrative log.

    The notification as it stands then; NotFound where it was not given up, or is none of theirs.
    """
    act = Administered(act="notification_retried", by=identity.name, subject=notification_id)
    again = Statement("retry_notification", {"notification_id": notification_id})
    if administer(log, act, again, still=lambda: _is_dead(log, identity, notification_id)):
        row = log.store.row("notification_of_run", {"notification_id": notification_id})
        assert row is not None, "no notification is ever taken away"
        return row
    raise NotFound(
        f"No notification {notification_id} was given up.", remedy="`remit notifications list` lists them."
    )


def _is_dead(log: Log, identity: Identity, notification_id: str) -> bool:
    row = log.store.row("notification_of_run", {"notification_id": notification_id})
    if row is None or row["state"] != "dead":
        return False
    return identity.sees(agent=row["agent"], tenant=row["tenant"], queue=row["queue"])
