"""The run that the engines are measured with: eight steps that each leave about 2 KB behind.

An agent's shape: four answers of a model and four results of a tool, the last two of one answer.
"""

STEPS = 8
STEP_CHARACTERS = 2000
INPUT = "Please look the four keys up."
CALLS_PER_ANSWER = (1, 1, 2, 0)
"""How many tool calls each answer of the model asks for; the last one is the outcome."""


def step_result(step: int) -> dict[str, str | int]:
    """What a step leaves behind."""
    return {"step": step, "text": "v" * STEP_CHARACTERS}


def checked(steps: int, text: str) -> str:
    """The last step's text, if the run did all that it had to do."""
    if steps != STEPS or len(text) < STEP_CHARACTERS:
        raise RuntimeError(f"not the run that was agreed: {steps} steps, {len(text)} characters at the end")
    return text
