"""Ask the model: fit the window, keep the budget, record the answer."""

from dataclasses import dataclass
from typing import Literal

from remit.event import ModelAnswered, ModelAsked, ModelFailed, Part, Usage, Window, WindowFitted, meet
from remit.event import Message as AnyMessage
from remit.loop.messages import conversation
from remit.loop.steps import AskModel
from remit.loop.wake import Wake
from remit.model import (
    Answer,
    Exhausted,
    Fitted,
    NeedSummary,
    NoAnswer,
    Request,
    ask_chain,
    estimate_message,
    fit,
    price,
)
from remit.outcome import FailureMode

DEFAULT_WINDOW_TOKENS = 8000
"""For a model whose window nobody knows: small enough for most."""
SHRINK = 0.7
"""How much of the window is tried after a provider says that a request was too long."""
MOST_SHRINKS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """The conversation cannot be made to fit by any declared means."""

    reason: str


async def ask(wake: Wake, step: AskModel) -> Unfit | None:
    """Appends the question and its answer or failure; Unfit where the window is exhausted."""
    limit = window_tokens(wake)
    for _ in range(MOST_SHRINKS + 1):
        fitted = await fitted_window(wake, limit, step)
        if isinstance(fitted, Unfit):
            return fitted
        if fitted is None or not await _asked(wake, step, fitted, limit):
            return None
        limit = int(limit * SHRINK)
    return Unfit(reason="the provider refused the request as too long, even after it was shortened")


def window_tokens(wake: Wake) -> int:
    """How many tokens a request may have, room for the answer taken off."""
    contract = wake.plan.contract
    known = [model.context_tokens for model in wake.plan.models if model.context_tokens is not None]
    most = min(known, default=DEFAULT_WINDOW_TOKENS)
    if contract.window.tokens is not None:
        most = min(most, contract.window.tokens)
    return max(1, most - contract.model.max_output_tokens)


async def fitted_window(wake: Wake, limit: int, step: AskModel) -> Fitted | Unfit | None:
    """The messages that fit; summaries that this needs are asked for. None if the run changed."""
    contract, plan = wake.plan.contract, wake.plan
    while True:
        messages = conversation(wake.earlier, wake.state)
        if step.note:
            messages = (*messages, _note(step.note))
        found = fit(
            plan.system_tokens,
            messages,
            limit,
            contract.window.when_full,
            summaries=wake.state.summaries,
            count=estimate_message,
        )
        match found:
            case Fitted():
                return found
            case Exhausted():
                return Unfit(reason=found.reason)
            case NeedSummary():
                if not await _summarised(wake, found):
                    return Unfit(reason="no model could summarise what does not fit")


async def _asked(wake: Wake, step: AskModel, fitted: Fitted, limit: int) -> bool:
    """One request of the chain; True if it must be tried again with a smaller window."""
    if fitted.changed:
        wake.add(
            WindowFitted(
                limit_tokens=limit,
                before_tokens=fitted.before_tokens,
                after_tokens=fitted.after_tokens,
                changed=merged(fitted.changed),
            )
        )
    messages = fitted.messages
    reply = await _exchange(wake, step.purpose, step.note, messages, fitted)
    return isinstance(reply, NoAnswer) and reply.overflow
