"""Which releases can be run here: those of registered agents, and earlier ones whose tools are the same."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from remit.app.plans import judge_of, models_of, plan_of, plan_of_release
from remit.app.remit import Remit
from remit.app.secrets import secret_values
from remit.contract import Contract
from remit.errors import NotFound
from remit.log import Log, Redactor
from remit.loop import Plan
from remit.model import Model, close_model
from remit.store import Row, Statement


class Releases:
    """The agents that are registered in this process, with the plans and models of their releases.

    `model` answers in place of every model that a remit names.
    """

    def __init__(self, log: Log, environment: Mapping[str, str], model: Model | None) -> None:
        self.log = log
        self.remits: dict[str, Remit] = {}
        self._environment = environment
        self._model = model
        self._models: dict[str, Sequence[Model]] = {}
        self._plans: dict[str, Plan] = {}
        self._gone: set[str] = set()
        self._secrets: dict[str, str] = {}

    def register(self, remit: Remit) -> Plan:
        """Makes a remit known, so that its runs can be advanced here; the plan of its release."""
        plan = self._plans.get(remit.release.hash)
        if plan is not None and self.remits.get(remit.name) is remit:
            return plan
        self.remits[remit.name] = remit
        self._gone.clear()
        self._secrets.update(secret_values(remit.contract, self._environment))
        self.log.redactor = Redactor(self._secrets)
        plan = plan_of(remit, self._opened(remit.contract), self._judge(remit.contract))
        self._plans[remit.release.hash] = plan
        values = {
            "hash": remit.release.hash,
            "agent": remit.name,
            "content": self.log.redactor(remit.release.content),
            "created_at": self.log.clock(),
        }
        self.log.store.execute_now(Statement("put_release", values))
        return plan

    def _opened(self, contract: Contract) -> Sequence[Model]:
        if self._model is not None:
            return [self._model]
        key = contract.model.model_dump_json()
        if key not in self._models:
            self._models[key] = models_of(contract, self._environment)
        return self._models[key]

    def _judge(self, contract: Contract) -> Model | None:
        name = contract.confidence.judge if contract.confidence is not None else None
        if name is None or self._model is not None:
            return self._model
        key = f"{name} {contract.model.model_dump_json()}"
        if key not in self._models:
            judge = judge_of(contract, self._environment)
            self._models[key] = [judge] if judge is not None else []
        return next(iter(self._models[key]), None)

    def known(self, row: Row) -> Plan | None:
        """The plan of the release that a run keeps, from memory or from the log; None if it is gone.

        A run that a person let go on without its release gets the current one of its agent.
        """
        remit = self.remits.get(row["agent"])
        release = row["release_hash"] or (remit.release.hash if remit is not None else "")
        found = self._plans.get(release)
        if found is not None or remit is None or release in self._gone:
            return found
        stored = self.log.store.row("release_row", {"hash": release})
        plan = None
        if stored is not None:
            hash_, content = stored["hash"], stored["content"]
            plan = plan_of_release(remit, hash_, content, self._opened, self._judge, self._environment)
        if plan is None:
            self._gone.add(release)
        else:
            self._plans[release] = plan
        return plan

    def needed(self, row: Row) -> Plan:
        """The same; NotFound where there is none."""
        plan = self.known(row)
        if plan is None:
            raise NotFound(
                f"The release {row['release_hash']} of agent {row['agent']} cannot be loaded here.",
                remedy="Register the agent whose tools that release used.",
            )
        return plan

    def abilities(self) -> list[tuple[str, str]]:
        """Agent and release of every plan that is loaded, for agents that are registered."""
        plans = self._plans.items()
        return [
            (plan.contract.agent, release) for release, plan in plans if plan.contract.agent in self.remits
        ]

    def pool(self) -> str:
        """A name for all processes that have the same current releases: they can share one queue."""
        releases = sorted(remit.release.hash for remit in self.remits.values())
        return sha256(" ".join(releases).encode()).hexdigest()[:12]

    async def close(self) -> None:
        """Closes the servers of tools, and the models that were opened here."""
        for remit in self.remits.values():
            for tool in remit.tools.values():
                if tool.close is not None:
                    await tool.close()
        for model in (model for models in self._models.values() for model in models):
            await close_model(model)
