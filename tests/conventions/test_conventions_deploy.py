"""What the files of deploy/ say of the program is so: its commands, ports, probes and times."""

from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from remit.cli.group import remit

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PROBES = {"livenessProbe": "/health/live", "readinessProbe": "/health/ready"}


def containers() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Name, pod and container of everything that the manifests start."""
    found = []
    for file in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        for each in yaml.safe_load_all(file.read_text()):
            pod = (each or {}).get("spec", {}).get("template", {}).get("spec")
            found += [(each["metadata"]["name"], pod, one) for one in pod["containers"]] if pod else []
    return found


def services() -> dict[str, dict[str, Any]]:
    """The services of the compose file that are Remit's."""
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return {name: service for name, service in services.items() if name != "postgres"}


def parsed(words: list[str]) -> dict[str, Any]:
    """What the command line makes of these words; click refuses what it does not know."""
    command: click.Command = remit
    context = click.Context(remit, **remit.context_settings)
    while isinstance(command, click.Group):
        name, *words = words
        found = command.get_command(context, name)
        assert found is not None, name
        command, context = found, click.Context(found, parent=context)
    return command.make_context(command.name, list(words), parent=context).params


@pytest.mark.parametrize(("name", "pod", "container"), containers(), ids=lambda each: str(each)[:20])
def test_manifests_start_what_there_is_and_ask_where_it_answers(
    name: str, pod: dict[str, Any], container: dict[str, Any]
) -> None:
    options = parsed(container["args"])
    ports = {port["name"]: port["containerPort"] for port in container.get("ports", [])}
    for probe, path in PROBES.items():
        if probe in container:
            assert container[probe]["httpGet"]["path"] == path
            assert ports[container[probe]["httpGet"]["port"]] == options.get(
                "health_port", options.get("port")
            )
    if "drain" in options:
        assert pod["terminationGracePeriodSeconds"] > options["drain"], name
        assert set(PROBES) <= set(container)


def test_compose_starts_what_there_is() -> None:
    for name, service in services().items():
        options = parsed(service["command"])
        if "drain" in options:
            assert float(service["stop_grace_period"].removesuffix("s")) > options["drain"], name


def test_agents_lie_where_the_program_looks_for_them() -> None:
    places = [
        line.split()[1] for line in (DEPLOY / "Dockerfile").read_text().splitlines() if "WORKDIR" in line
    ]
    mounted = {volume for service in services().values() for volume in service["volumes"]}
    assert mounted == {f"../agents:{places[-1]}/agents:ro"}
    assert f"COPY agents {places[-1]}/agents" in (DEPLOY / "Dockerfile.agents").read_text()
