"""What is bounded and what the clock starts, in sentences for the runbook."""

import json
from collections.abc import Iterator

from remit.contract.schema import Contract


def flow_texts(contract: Contract) -> Iterator[str]:
    """One sentence for each bound on what happens at once or in a minute, over all workers."""
    flow, model = contract.flow, contract.model
    if flow.runs is not None:
        yield f"At most {flow.runs} runs under way; others wait their turn."
    if flow.runs_per_tenant is not None:
        yield f"At most {flow.runs_per_tenant} runs of one tenant under way."
    if flow.queued is not None:
        yield f"At most {flow.queued} runs wait for a worker; a further one is refused and may try later."
    if model.calls_per_minute is not None:
        yield f"At most {model.calls_per_minute} calls of a model in any minute."
    if model.tokens_per_minute is not None:
        yield f"At most {model.tokens_per_minute} tokens of a model in any minute."
    for name, rule in contract.tools.items():
        if rule.calls_per_minute is not None:
            yield f"At most {rule.calls_per_minute} calls of {name} in any minute."


def schedule_texts(contract: Contract) -> Iterator[str]:
    """One sentence for each schedule."""
    for name, schedule in contract.schedules.items():
        tenant = f" for tenant {schedule.tenant}" if schedule.tenant else ""
        value = json.dumps(schedule.input, ensure_ascii=False)
        yield f"{name}: at {schedule.cron} (UTC) it is given {value}{tenant}."
