"""Who else hears of it? Subscribers of the log: JSON lines, with personal data masked."""

from remit.export.json_lines import json_lines, line_of
from remit.export.masking import mask, masked

__all__ = ["json_lines", "line_of", "mask", "masked"]
