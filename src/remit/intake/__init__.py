"""Can this input be read, and is it inside the remit? Decided before any model sees it."""

from remit.intake.reading import clean, text_of
from remit.intake.screen import Screening, screen
from remit.intake.topic import TopicMatch, matches_topic

__all__ = ["Screening", "TopicMatch", "clean", "matches_topic", "screen", "text_of"]
