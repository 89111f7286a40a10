"""Can this input be read, and is it inside the remit? Decided before any model sees it."""

from remit.intake.reading import clean, storable, text_of
from remit.intake.screening import Screening, screen
from remit.intake.topic import TopicMatch, matches_topic

__all__ = ["Screening", "TopicMatch", "clean", "matches_topic", "screen", "storable", "text_of"]
