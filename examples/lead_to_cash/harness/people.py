"""Accounts, products and agents as records of the application. Everything is imported in one commit, once."""
from __future__ import annotations

import leat

from .pipeline import Pipeline

DIRECTOR, LEGAL, FINANCE, WAREHOUSE = "director", "legal", "finance", "warehouse"


def slug(name: str) -> str:
    """"Moses Frase" is moses.frase."""
    return ".".join(name.lower().split())


def user_keys(pipeline: Pipeline) -> dict[str, str]:
    """The key of the user for each agent and manager, by name."""
    keys: dict[str, str] = {}
    names = [agent.name for agent in pipeline.agents.values()] + [agent.manager for agent in pipeline.agents.values()]
    taken = {DIRECTOR, LEGAL, FINANCE, WAREHOUSE}
    for name in names:
        if name in keys:
            continue
        key, number = slug(name), 1
        while key in taken:
            number += 1
            key = f"{slug(name)}.{number}"
        taken.add(key)
        keys[name] = key
    return keys


def region_role(program: leat.Program, region: str) -> str:
    """The role of a region's sales people ("East" has east_sales), else plain sales."""
    role = f"{slug(region)}_sales"
    return role if role in {one["name"] for one in program.description["roles"]} else "sales"


def import_all(engine: leat.Engine, pipeline: Pipeline) -> None:
    """Creates departments, users, products and customers, all or none."""
    keys = user_keys(pipeline)
    with engine.session() as system:
        if system.list("department", limit=1):
            return
        with system.unit_of_work():
            _organisation(engine.program, system, pipeline, keys)
            for product in pipeline.products.values():
                made(system.create("product", name=product.name, series=product.series, list_price=product.list_price))
            for account in pipeline.accounts.values():
                made(system.create("customer", name=account.name, sector=account.sector, founded=account.founded,
                                   turnover=account.turnover, employees=account.employees, office=account.office or None))
            for account in pipeline.accounts.values():
                if account.parent:
                    made(system.patch("customer", account.name, parent=account.parent))


def _organisation(program: leat.Program, system: leat.Session, pipeline: Pipeline, keys: dict[str, str]) -> None:
    """The company, its regional offices, in each office a team for each manager."""
    made(system.create("department", key="company", name="公司"))
    made(system.create("user", key=DIRECTOR, name="销售总监", department="company", roles=["sales_director"]))
    for key, name in ((LEGAL, "法务"), (FINANCE, "财务"), (WAREHOUSE, "仓库")):
        made(system.create("user", key=key, name=name, department="company", roles=[key]))
    made(system.patch("department", "company", head=DIRECTOR))
    teams: dict[str, str] = {}
    for agent in pipeline.agents.values():
        region, team = f"region.{slug(agent.region)}", f"team.{keys[agent.manager]}.{slug(agent.region)}"
        if region not in teams:
            teams[region] = ""
            made(system.create("department", key=region, name=agent.region, parent="company"))
        if team not in teams:
            teams[team] = keys[agent.manager]
            made(system.create("department", key=team, name=agent.manager, parent=region))
    for name, key in keys.items():
        if name not in pipeline.agents:
            team = next(team for team, head in teams.items() if head == key)
            made(system.create("user", key=key, name=name, department=team, manager=DIRECTOR, roles=["sales_manager"]))
    for agent in pipeline.agents.values():
        manages = any(other.manager == agent.name for other in pipeline.agents.values())
        roles = [region_role(program, agent.region)] + ["sales_manager"] * manages
        made(system.create("user", key=keys[agent.name], name=agent.name, roles=roles,
                           department=f"team.{keys[agent.manager]}.{slug(agent.region)}",
                           manager=keys[agent.manager] if keys[agent.manager] != keys[agent.name] else DIRECTOR))
    for team, head in teams.items():
        if head:
            made(system.patch("department", team, head=head))


class Refused(Exception):
    """A command that the play counts on was refused."""


def made(outcome: leat.Outcome) -> leat.Outcome:
    if outcome.refused:
        raise Refused(f"{outcome.message} ({', '.join(refusal.at for refusal in outcome.refusals)})")
    return outcome
