"""The four CSV files of a pipeline folder, checked row by row. Nothing is dropped silently: every row that is mapped,
incomplete or rejected is a finding with its file, line and reason."""
from __future__ import annotations

import csv
import datetime as dt
import difflib
import hashlib
import io
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

FILES = {
    "accounts.csv": ("account", "sector", "year_established", "revenue", "employees", "office_location", "subsidiary_of"),
    "products.csv": ("product", "series", "sales_price"),
    "sales_teams.csv": ("sales_agent", "manager", "regional_office"),
    "sales_pipeline.csv": ("opportunity_id", "sales_agent", "product", "account", "deal_stage", "engage_date", "close_date", "close_value"),
}
STAGES = ("Prospecting", "Engaging", "Won", "Lost")


class DataError(Exception):
    """The folder cannot be read at all."""


@dataclass(frozen=True)
class Finding:
    file: str
    row: int  # line of the file, the header is line 1
    kind: str  # mapped, reported (kept, but something is missing), rejected
    reason: str


@dataclass(frozen=True)
class Account:
    name: str
    sector: str | None
    founded: int | None
    turnover: Decimal | None
    employees: int | None
    office: str
    parent: str | None


@dataclass(frozen=True)
class Product:
    name: str
    series: str
    list_price: Decimal


@dataclass(frozen=True)
class Agent:
    name: str
    manager: str
    region: str


@dataclass(frozen=True)
class Opportunity:
    number: str
    agent: str
    product: str
    account: str | None
    stage: str
    opened: dt.date
    closed: dt.date | None
    value: Decimal


@dataclass
class Pipeline:
    accounts: dict[str, Account] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    opportunities: list[Opportunity] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    fingerprint: str = ""

    def rejected(self) -> list[Finding]:
        return [one for one in self.findings if one.kind == "rejected"]


class _Rejected(Exception):
    """Why a row cannot be used."""


class _Reader:
    def __init__(self, folder: Path, sectors: list[str]) -> None:
        self.folder, self.sectors = folder, sectors
        self.out = Pipeline()
        self.digest = hashlib.sha256()
        self.seen: set[str] = set()
        self.account_lines: dict[str, int] = {}

    def rows(self, file: str):
        """(line, row) for each row; a missing file or column ends the import."""
        path = self.folder / file
        try:
            data = path.read_bytes()
            text = data.decode("utf-8-sig")
        except FileNotFoundError:
            raise DataError(f"{path}: there is no such file; a pipeline folder holds {', '.join(FILES)}") from None
        except OSError as error:
            raise DataError(f"{path}: {error.strerror}") from None
        except UnicodeDecodeError as error:
            raise DataError(f"{path}: byte {error.start} is not UTF-8") from None
        self.digest.update(file.encode() + len(data).to_bytes(8, "big") + data)
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        missing = [name for name in FILES[file] if name not in (reader.fieldnames or [])]
        if missing:
            raise DataError(f"{path}: there is no column {', '.join(missing)}; it needs {', '.join(FILES[file])}")
        self.file = file
        while True:
            try:
                row = next(reader, None)
            except csv.Error as error:
                raise DataError(f"{path}:{reader.line_num}: {error}") from None
            if row is None:
                return
            self.line = reader.line_num
            try:
                if None in row or None in row.values():
                    raise _Rejected("the row has too many or too few cells")
                yield {name: value.strip() for name, value in row.items()}
            except _Rejected as why:
                self.find("rejected", str(why))

    def find(self, kind: str, reason: str) -> None:
        self.out.findings.append(Finding(self.file, self.line, kind, reason))

    def read(self) -> Pipeline:
        for file, read in (("products.csv", self.product), ("accounts.csv", self.account), ("sales_teams.csv", self.agent)):
            for row in self.rows(file):
                self.guarded(read, row)
        self.check_parents()
        pipeline = list(self.numbered("sales_pipeline.csv"))
        days = [day for _, row in pipeline if (day := self.quiet_date(row["engage_date"]))]
        self.first = min(days, default=None)
        for self.line, row in pipeline:
            self.guarded(self.opportunity, row)
        self.out.findings.sort(key=lambda one: (one.file, one.row))
        self.out.fingerprint = self.digest.hexdigest()
        return self.out

    def numbered(self, file: str):
        for row in self.rows(file):
            yield self.line, row

    def guarded(self, read, row) -> None:
        try:
            read(row)
        except _Rejected as why:
            self.find("rejected", str(why))

    def product(self, row) -> None:
        name = self.new(row["product"], self.out.products, "product")
        price = self.amount(row["sales_price"], "sales_price")
        if price <= 0:
            raise _Rejected(f"product '{name}' has the list price {price}; it must be above 0")
        self.out.products[name] = Product(name, row["series"] or name, price)

    def account(self, row) -> None:
        name = self.new(row["account"], self.out.accounts, "account")
        self.account_lines[name] = self.line
        founded, turnover, employees = (self.number(row[column], column, name) for column in ("year_established", "revenue", "employees"))
        self.out.accounts[name] = Account(name, self.sector(row["sector"], name), None if founded is None else int(founded), turnover,
                                          None if employees is None else int(employees), row["office_location"], row["subsidiary_of"] or None)

    def number(self, text: str, column: str, account: str) -> Decimal | None:
        if not text:
            return None
        try:
            value = Decimal(text)
            if value.is_finite() and value >= 0:
                return value
        except InvalidOperation:
            pass
        self.find("reported", f"account '{account}': {column} '{text}' is no number and stays empty")
        return None

    def sector(self, given: str, account: str) -> str | None:
        if not given or given in self.sectors:
            return given or None
        near = difflib.get_close_matches(given.lower(), self.sectors, 1, 0.85)
        if near:
            self.find("mapped", f"sector '{given}' is read as '{near[0]}'")
            return near[0]
        self.find("reported", f"account '{account}': sector '{given}' is not known and stays empty")
        return None

    def check_parents(self) -> None:
        self.file = "accounts.csv"
        for account in list(self.out.accounts.values()):
            self.line = self.account_lines[account.name]
            if account.parent is not None and account.parent not in self.out.accounts:
                self.find("reported", f"account '{account.name}': parent company '{account.parent}' is not in the file and stays empty")
                self.out.accounts[account.name] = replace(account, parent=None)

    def agent(self, row) -> None:
        name = self.new(row["sales_agent"], self.out.agents, "agent")
        if not row["manager"] or not row["regional_office"]:
            raise _Rejected(f"agent '{name}' has no manager or no regional office")
        self.out.agents[name] = Agent(name, row["manager"], row["regional_office"])

    def opportunity(self, row) -> None:
        number = row["opportunity_id"]
        if not number:
            raise _Rejected("the row has no opportunity_id")
        if number in self.seen:
            raise _Rejected(f"opportunity '{number}' is in the file twice; the first row counts")
        stage, agent = row["deal_stage"], row["sales_agent"]
        if stage not in STAGES:
            raise _Rejected(f"opportunity '{number}': there is no deal stage '{stage}'")
        if agent not in self.out.agents:
            raise _Rejected(f"opportunity '{number}': agent '{agent}' is not in sales_teams.csv")
        product = self.product_named(row["product"], number)
        account = row["account"] or None
        if account is not None and account not in self.out.accounts:
            raise _Rejected(f"opportunity '{number}': account '{account}' is not in accounts.csv")
        engaged, closed = self.date(row["engage_date"], number), self.date(row["close_date"], number)
        value = self.amount(row["close_value"], "close_value") if row["close_value"] else None
        if value is not None and value < 0:
            raise _Rejected(f"opportunity '{number}': close_value {value} is negative")
        if engaged is None and stage != "Prospecting":
            raise _Rejected(f"opportunity '{number}' is {stage} and has no engage_date")
        if stage in ("Won", "Lost"):
            if closed is None:
                raise _Rejected(f"opportunity '{number}' is {stage} and has no close_date")
            if engaged is not None and closed < engaged:
                raise _Rejected(f"opportunity '{number}' closes on {closed}, before it was engaged on {engaged}")
        elif closed is not None:
            self.find("reported", f"opportunity '{number}' is {stage}; its close_date {closed} is not used")
            closed = None
        if stage == "Won":
            if account is None:
                raise _Rejected(f"opportunity '{number}' is Won and has no account")
            if not value:
                raise _Rejected(f"opportunity '{number}' is Won and has no close_value")
        else:
            if value:
                self.find("reported", f"opportunity '{number}' is {stage}; its close_value {value} is not used")
            if account is None:
                self.find("reported", f"opportunity '{number}' has no account; its customer stays empty")
        if product != row["product"]:
            self.find("mapped", f"product '{row['product']}' is read as '{product}'")
        opened = engaged or self.first
        if opened is None:
            raise _Rejected(f"opportunity '{number}' has no engage_date, and neither has any other row")
        self.seen.add(number)
        self.out.opportunities.append(Opportunity(number, agent, product, account, stage, opened, closed, value or Decimal(0)))

    def product_named(self, given: str, number: str) -> str:
        if given in self.out.products:
            return given
        plain = given.replace(" ", "").casefold()
        same = [name for name in self.out.products if name.replace(" ", "").casefold() == plain]
        if len(same) == 1:
            return same[0]
        raise _Rejected(f"opportunity '{number}': product '{given}' is not in products.csv")

    def new(self, name: str, known, what: str) -> str:
        if not name:
            raise _Rejected(f"the {what} has no name")
        if name in known:
            raise _Rejected(f"{what} '{name}' is in the file twice; the first row counts")
        return name

    def amount(self, text: str, column: str) -> Decimal:
        try:
            value = Decimal(text)
            if value.is_finite() and value == value.quantize(Decimal("0.01")):
                return value
        except InvalidOperation:
            pass
        raise _Rejected(f"{column} '{text}' is no amount")

    def quiet_date(self, text: str) -> dt.date | None:
        try:
            return dt.date.fromisoformat(text) if text else None
        except ValueError:
            return None

    def date(self, text: str, number: str) -> dt.date | None:
        day = self.quiet_date(text)
        if text and day is None:
            raise _Rejected(f"opportunity '{number}': '{text}' is no date (2017-03-01)")
        return day


def read(folder: Path, sectors: list[str]) -> Pipeline:
    """Reads and checks a folder. sectors: the values that customer.sector takes. Raises DataError."""
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder")
    return _Reader(folder, sectors).read()
