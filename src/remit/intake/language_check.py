"""Can the languages that a remit names be told apart here?"""

from remit.contract import Contract, Finding, did_you_mean
from remit.intake.language import known_languages


def check_languages(contract: Contract) -> list[Finding]:
    """What stands in the way of enforcing `input.languages`; empty where nothing does or none is named."""
    named = contract.input.languages
    if not named:
        return []
    known = known_languages()
    if not known:
        return [
            Finding(
                "input.languages",
                "telling languages apart needs the package py3langid, which is not installed.",
                'Run: pip install "remit[languages]"',
            )
        ]
    return [
        Finding(
            "input.languages",
            f"`{each}` is no language that can be told apart.",
            did_you_mean(each, known) or "Use its code of ISO 639, such as `en`.",
        )
        for each in named
        if each not in known
    ]
