"""May this call be made? One verdict per call, with the rule and the reason; deny is the default."""

from remit.permit.facts import Approval, CallFacts, earlier_results
from remit.permit.judging import judge
from remit.permit.rule import CompiledRule, compile_rule
from remit.permit.values import same

__all__ = ["Approval", "CallFacts", "CompiledRule", "compile_rule", "earlier_results", "judge", "same"]
