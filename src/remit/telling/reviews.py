"""What was done with a case beside deciding it, in words."""

from remit.event import Consulted, DecisionStands, HandedOn, Released, Reserved, Snoozed, Undone

Review = Consulted | DecisionStands | HandedOn | Released | Reserved | Snoozed | Undone
REVIEWS: tuple[type[Review], ...] = (
    Consulted,
    DecisionStands,
    HandedOn,
    Released,
    Reserved,
    Snoozed,
    Undone,
)


def review_words(event: Review) -> str:
    """One sentence."""
    match event:
        case Consulted():
            return f"Case {event.case} is for {event.expert} to decide, in run {event.run}"
        case DecisionStands():
            return f"The decision on case {event.case} counts from here on"
        case Undone():
            return f"{event.by} took the decision on case {event.case} back"
        case HandedOn():
            reason = f": {event.reason}" if event.reason else ""
            return f"{event.by} handed case {event.case} over to {event.queue}{reason}"
        case Snoozed():
            return f"{event.by} put case {event.case} off"
        case Reserved():
            return f"{event.by} works on case {event.case}"
        case Released():
            return f"{event.by} let case {event.case} go"
