"""Who else hears of it? Subscribers of the log: JSON lines, with personal data masked; notices of cases."""

from remit.export.delivering import NotDelivered, post, send_mail, sender_of
from remit.export.json_lines import json_lines, line_of
from remit.export.masking import mask, masked
from remit.export.notices import (
    Notice,
    mail,
    slack_body,
    wait_s,
    webhook_body,
    webhook_genuine,
    webhook_headers,
)

__all__ = [
    "NotDelivered",
    "Notice",
    "json_lines",
    "line_of",
    "mail",
    "mask",
    "masked",
    "post",
    "send_mail",
    "sender_of",
    "slack_body",
    "wait_s",
    "webhook_body",
    "webhook_genuine",
    "webhook_headers",
]
