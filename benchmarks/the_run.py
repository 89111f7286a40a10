"""The run that is measured: four model calls with three tool calls between them, the same for everyone."""

TOOL_CALLS = 3
EVENT_COMMITS = 9
"""Commits of a run that commits each step: its start, four model answers, three tool results, its end."""
RESULT_CHARACTERS = 2000
INSTRUCTIONS = "Look three keys up, then say that it is done."
INPUT = "Please look the three keys up."
ANSWER = "It is done."


def result(key: str) -> str:
    """What the tool `look` returns."""
    return key.ljust(RESULT_CHARACTERS, "v")


def checked(answer: str, tool_calls: int) -> str:
    """The answer, if the run did all that it had to do."""
    if answer != ANSWER or tool_calls != TOOL_CALLS:
        raise RuntimeError(f"not the run that was agreed: {tool_calls} tool calls, answer {answer!r}")
    return answer
