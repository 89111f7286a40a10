"""May this call be made? One verdict per call, with the rule and the reason; deny is the default."""

from remit.permit.content import active_items, folded, own_words, verbatim
from remit.permit.facts import Approval, CallFacts
from remit.permit.freezing import Planned, frozen_grant, planned
from remit.permit.judging import judge
from remit.permit.readings import Reading, result_integrity
from remit.permit.rule import CompiledRule, compile_rule
from remit.permit.selecting import NotSelected, Selected, selected
from remit.permit.templates import CompiledGrant, compile_grant
from remit.permit.values import same

__all__ = [
    "Approval",
    "CallFacts",
    "CompiledGrant",
    "CompiledRule",
    "NotSelected",
    "Planned",
    "Reading",
    "Selected",
    "active_items",
    "compile_grant",
    "compile_rule",
    "folded",
    "frozen_grant",
    "judge",
    "own_words",
    "planned",
    "result_integrity",
    "same",
    "selected",
    "verbatim",
]
