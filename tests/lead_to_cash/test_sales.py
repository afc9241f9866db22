"""The definitions themselves: price approval on both sides of its limits, criteria and their messages, leads, contracts,
orders, clocks and rights."""
from __future__ import annotations

import datetime as dt
import unittest
from decimal import Decimal

import leat
from company import DEFINITIONS, Company, ok, program


class PriceApproval(unittest.TestCase):
    """Equality is the milder case (8折 means that 80 % is paid)."""

    def approver(self, company: Company, number: str, list_price: str, price: str) -> str | None:
        company.deal(number, "priced", price=price, list_price=list_price)
        outcome = ok(company["li.na"].send("opportunity", number, "submit"))
        record = company["system"].show("opportunity", number)
        self.assertEqual(record["stage"], "pricing" if record["approver"] else "offered")
        if record["approver"]:
            people = {"sales_manager": "manager", "sales_director": "director"}
            self.assertEqual([task["user"] for task in outcome.tasks], [people[record["approver"]]])
        return record["approver"]

    def test_ratio_and_amount(self) -> None:
        none, manager, director = None, "sales_manager", "sales_director"
        # list price, agreed price (which is the amount), who decides
        cases = [
            ("1000000", "799900", director), ("1000000", "800000", manager), ("1000000", "800100", manager),
            ("800000", "499999.99", manager), ("800000", "500000", manager), ("800000", "500000.01", director),
            ("625000", "499999.99", manager), ("625000", "500000", manager), ("625000", "500000.01", manager),
            ("624921.88", "500000.01", manager), ("625078.13", "500000", manager), ("625078.14", "500000.01", director),
            ("10000", "9499", manager), ("10000", "9500", none), ("10000", "9501", none),
            ("10000000", "9499000", manager), ("10000000", "9500000", none), ("10000000", "9501000", none),
            ("10000000", "9499999.99", manager), ("10000000", "7999999.99", director), ("10000000", "8000000", manager),
            ("1000", "1200", none), ("1000", "0", manager),
        ]
        with Company() as company:
            for index, (list_price, price, expected) in enumerate(cases):
                with self.subTest(list_price=list_price, price=price):
                    self.assertEqual(self.approver(company, f"P{index}", list_price, price), expected)

    def test_setting_moves_the_limit(self) -> None:
        with Company() as company:
            self.assertEqual(self.approver(company, "P1", "1000", "700"), "sales_manager")
            refused = company["li.na"].change_setting("director_amount", "0")
            self.assertEqual([one.code for one in refused.refusals], ["access.setting"])
            ok(company["director"].change_setting("director_amount", "0"))
            self.assertEqual(self.approver(company, "P2", "1000", "700"), "sales_director")
            self.assertEqual(self.approver(company, "P3", "1000", "800"), "sales_manager")

    def test_ratio_is_derived_and_rounded_down(self) -> None:
        with Company() as company:
            company.deal("P1", "priced", price="7999999.99", list_price="10000000")
            self.assertEqual(company["system"].show("opportunity", "P1")["price_ratio"], Decimal("0.7999"))
            with self.assertRaises(leat.UsageError):
                company["li.na"].patch("opportunity", "P1", price_ratio="1")

    def test_decisions(self) -> None:
        with Company() as company:
            company.deal("P1", "priced", price="900")
            task = ok(company["li.na"].send("opportunity", "P1", "submit")).tasks[0]["task"]
            self.assertTrue(company["li.na"].complete_task(task, "approve").refused)
            self.assertEqual(company["manager"].complete_task(task, "reject").refusals[0].code, "approval.comment")
            ok(company["manager"].complete_task(task, "reject", comment="价格太低"))
            self.assertEqual(company.stage("P1"), "quotation")
            ok(company["li.na"].send("opportunity", "P1", "offer", product="AX 100", price="940"))
            task = ok(company["li.na"].send("opportunity", "P1", "submit")).tasks[0]["task"]
            ok(company["manager"].complete_task(task, "approve"))
            self.assertEqual(company.stage("P1"), "offered")
            self.assertEqual(company["manager"].complete_task(task, "approve").refusals[0].code, "task.closed")

    def test_overdue_goes_to_the_manager_above(self) -> None:
        with Company() as company:
            company.deal("P1", "priced", price="900")
            ok(company["li.na"].send("opportunity", "P1", "submit"))
            company.clock.advance(dt.timedelta(days=3))
            self.assertGreaterEqual(company.engine.run_due().fired, 1)
            self.assertEqual([task["key"] for task in company["director"].tasks()], ["P1"])


class Criteria(unittest.TestCase):
    def refused(self, company: Company, number: str, event: str, code: str, *messages: str, **values) -> None:
        before = company["system"].show("opportunity", number)
        outcome = company["li.na"].send("opportunity", number, event, **values)
        self.assertTrue(outcome.refused)
        self.assertEqual({one.code for one in outcome.refusals}, {code})
        self.assertEqual([one.message for one in outcome.refusals], list(messages))
        self.assertEqual(company["system"].show("opportunity", number), before)

    def test_every_stage_says_what_is_missing(self) -> None:
        with Company() as company:
            seller, number = company["li.na"], "C1"
            company.make("opportunity", "li.na", number=number, owner="li.na")
            self.refused(company, number, "engage", "criteria.exit", "尚未完成首次接触", "尚未确认意向和基本需求", "不符合目标客户画像")
            ok(seller.patch("opportunity", number, contacted_on=dt.date(2026, 3, 1), need="产线", fits=False))
            self.refused(company, number, "engage", "criteria.exit", "不符合目标客户画像")
            ok(seller.patch("opportunity", number, fits=True))
            self.refused(company, number, "engage", "criteria.entry", "预算范围未知", "决策链未知", "采购时间表未知")
            ok(seller.patch("opportunity", number, budget=1, decision_maker="总经理", purchase_by=dt.date(2026, 6, 1)))
            ok(seller.send("opportunity", number, "engage"))
            self.refused(company, number, "quote", "criteria.exit", "尚未完成方案演示", "客户反馈不积极，未准备好报价")
            ok(seller.patch("opportunity", number, demo_on=dt.date(2026, 3, 2), feedback="positive"))
            self.refused(company, number, "quote", "criteria.entry", "未指定客户", "客户尚未正式要求报价")
            ok(seller.patch("opportunity", number, customer="华东精密", quote_asked_on=dt.date(2026, 3, 2)))
            ok(seller.send("opportunity", number, "quote"))
            ok(seller.patch("opportunity", number, lines=[{"product": "AX 100"}, {"product": "GTK 900"}]))
            ok(seller.send("opportunity", number, "offer", product="AX 100", price="1000"))
            self.refused(company, number, "submit", "criteria.exit", "有明细尚未定价")
            ok(seller.patch("opportunity", number, lines=[]))
            self.refused(company, number, "submit", "criteria.exit", "报价单没有明细")

    def test_in_english(self) -> None:
        with Company("en") as company:
            company.deal("C1", "engaging", demo_on=None)
            outcome = company["li.na"].send("opportunity", "C1", "quote")
            self.assertEqual(outcome.message, "No demonstration given yet")
            self.assertEqual(outcome.refusals[0].fields, ("demo_on",))
            self.assertEqual(outcome.refusals[0].at, "sales_flow.engaging.exit_criteria[1]")

    def test_contract_and_signature(self) -> None:
        with Company() as company:
            company.deal("C1", "offered", price="1000")
            self.refused(company, "C1", "accept", "criteria.exit", "客户尚未接受报价核心条款")
            ok(company["li.na"].patch("opportunity", "C1", accepted_on=dt.date(2026, 3, 2)))
            self.refused(company, "C1", "accept", "criteria.entry", "交付条款未达成一致", "付款条款未达成一致")
            self.refused(company, "C1", "sign", "access.event", "“li.na”无权发送事件“sign”；可发送者：系统内部")
            company.clock.advance(dt.timedelta(days=31))
            self.refused(company, "C1", "accept", "criteria.exit", "报价已过期，请重新报价")
            ok(company["li.na"].send("opportunity", "C1", "revise"))
            self.assertEqual(company.stage("C1"), "quotation")

    def test_signed_and_paid_are_apart(self) -> None:
        with Company() as company:
            company.deal("C1", "signed", price="1000")
            self.assertEqual(company.stage("C1"), "signed")
            outcome = company["system"].send("opportunity", "C1", "cash")
            self.assertTrue(outcome.refused)
            self.refused(company, "C1", "lose", "guard.none", "已签约的商机不能输单", reason="price")


class Ways(unittest.TestCase):
    """A deal may end otherwise than by winning."""

    def test_lost_without_a_demonstration(self) -> None:
        with Company() as company:
            company.deal("W1", "engaging", demo_on=None, feedback=None)
            self.assertEqual(company["li.na"].send("opportunity", "W1", "lose").refusals[0].fields, ("reason",))
            ok(company["li.na"].send("opportunity", "W1", "lose", reason="price"))
            self.assertEqual(company["system"].show("opportunity", "W1")["lost_reason"], "price")
            self.assertEqual(company["li.na"].send("opportunity", "W1", "engage").refusals[0].code, "event.unexpected")

    def test_losing_voids_the_contract(self) -> None:
        with Company() as company:
            contract = company.deal("W1", "contract", price="1000")
            ok(company["li.na"].send("opportunity", "W1", "lose", reason="budget"))
            self.assertEqual(company["system"].show("contract", contract)["status"], "void")

    def test_disqualified(self) -> None:
        with Company() as company:
            company.deal("W1")
            ok(company["li.na"].send("opportunity", "W1", "disqualify"))
            self.assertEqual(company.stage("W1"), "disqualified")
            company.deal("W2", "offered", price="1000")
            self.assertEqual(company["li.na"].send("opportunity", "W2", "disqualify").message, "已报价的商机不能判为无效")

    def test_on_hold_and_back(self) -> None:
        with Company() as company:
            company.deal("W1", "engaging")
            ok(company["li.na"].send("opportunity", "W1", "hold", until=dt.date(2026, 4, 1)))
            self.assertEqual(company.stage("W1"), "on_hold")
            company.clock.advance(dt.timedelta(days=40))
            company.engine.run_due()
            self.assertEqual(company.stage("W1"), "engaging")

    def test_a_quiet_deal_reminds_its_owner_then_its_manager(self) -> None:
        with Company() as company:
            company.deal("W1", "engaging")
            company.clock.now = dt.datetime(2026, 3, 16, 9, 59, tzinfo=company.clock.now.tzinfo).replace(hour=1, minute=59)
            company.engine.run_due()
            self.assertEqual(company["li.na"].tasks(), [])
            company.clock.advance(dt.timedelta(minutes=2))
            company.engine.run_due()
            self.assertEqual([task["title"] for task in company["li.na"].tasks()], ["推进商机 W1"])
            company.clock.advance(dt.timedelta(days=40))
            company.engine.run_due()
            company.engine.deliver()
            neglected = [one for one in company.notices if one["to"] == ["manager"]]
            self.assertEqual([one["text"] for one in neglected], ["li.na 的商机 W1 长期没有进展"])


class Leads(unittest.TestCase):
    def lead(self, company: Company, **more) -> str:
        fields = dict(company="江南医疗", contact="周先生", phone="13900000000", source="fair", region="east", job="boss")
        fields.update(more)
        return company.make("lead", "market", **fields).key

    def status(self, company: Company, key: str) -> str:
        return company["system"].show("lead", key)["status"]

    def test_scores_add_up(self) -> None:
        with Company() as company:
            for fields, score in (({}, 45), ({"source": "web"}, 30), ({"source": "web", "job": "staff"}, 0), ({"budget": "100000"}, 75),
                                  ({"budget": "99999.99"}, 45), ({"size": 200, "touches": 3, "budget": "100000"}, 105), ({"job": None}, 15)):
                with self.subTest(**fields):
                    self.assertEqual(company["system"].show("lead", self.lead(company, **fields))["score"], score)

    def test_assigned_by_region_product_and_load(self) -> None:
        with Company() as company:
            owners = [company["system"].show("lead", self.lead(company))["owner"] for _ in range(3)]
            self.assertEqual(owners, ["li.na", "wang.wei", "li.na"])
            self.assertEqual(company["system"].show("lead", self.lead(company, region="west"))["owner"], "west")
            self.assertEqual(company["system"].show("lead", self.lead(company, product="GTK 900"))["owner"], "expert")
            self.assertEqual(len(company["wang.wei"].tasks()), 1)

    def test_mql_and_sql(self) -> None:
        with Company() as company:
            key = self.lead(company, source="web", job=None)
            self.assertEqual(self.status(company, key), "nurturing")
            ok(company["market"].patch("lead", key, job="manager"))
            self.assertEqual(self.status(company, key), "assigned")
            owner = company["li.na"]
            ok(owner.send("lead", key, "contact"))
            self.assertEqual(owner.send("lead", key, "qualify").message, "评分 30，未达到 60")
            ok(owner.patch("lead", key, budget="200000"))
            self.assertEqual([one.message for one in owner.send("lead", key, "qualify").refusals],
                             ["尚未完成首次接触", "尚未确认意向和基本需求", "不符合目标客户画像"])
            ok(owner.patch("lead", key, contacted_on=dt.date(2026, 3, 2), need="扩产", fits=True))
            ok(owner.send("lead", key, "qualify"))
            deal = company["system"].show("opportunity", key)
            self.assertEqual((deal["stage"], deal["owner"], deal["customer"], deal["budget"], deal["lead"]),
                             ("prospecting", "li.na", "江南医疗", Decimal(200000), key))

    def test_three_clocks(self) -> None:
        def clocks(company: Company) -> dict[str, tuple[int, int, int]]:
            return {one["sla"]: (one["running"], one["kept"], one["breached"]) for one in company["system"].slas()}

        with Company() as company:
            unknown = self.lead(company, region="unknown")
            self.assertEqual(self.status(company, unknown), "fresh")
            company.clock.advance(dt.timedelta(seconds=30))
            company.engine.run_due()
            self.assertEqual(clocks(company)["lead_assign"], (0, 0, 1))
            ok(company["market"].patch("lead", unknown, region="east"))
            company.clock.advance(dt.timedelta(seconds=59))
            company.engine.run_due()
            ok(company["li.na"].send("lead", unknown, "contact"))
            self.assertEqual(clocks(company)["lead_respond"], (0, 1, 0))
            slow = self.lead(company)
            company.clock.advance(dt.timedelta(minutes=5))
            company.engine.run_due()
            self.assertEqual((clocks(company)["lead_respond"], clocks(company)["lead_golden"]), ((0, 1, 1), (0, 1, 1)))
            company.engine.deliver()
            self.assertIn(["manager"], [one["to"] for one in company.notices])
            self.assertEqual(self.status(company, slow), "assigned")

    def test_a_lead_can_be_reached(self) -> None:
        with Company() as company:
            outcome = company["market"].create("lead", company="江南医疗", contact="周先生", source="web")
            self.assertEqual(outcome.message, "电话和邮箱至少填写一项")


class ContractsAndOrders(unittest.TestCase):
    def test_large_and_special_contracts_are_reviewed_by_both(self) -> None:
        for price, special, reviewed in (("99999.99", False, False), ("100000", False, True), ("1000", True, True)):
            with self.subTest(price=price, special=special), Company() as company:
                contract = company.deal("K1", "contract", price=price, list_price=price, special_terms=special)
                status = company["system"].show("contract", contract)["status"]
                self.assertEqual(status, "review" if reviewed else "signing")
                if reviewed:
                    tasks = {user: company[user].tasks()[0]["task"] for user in ("legal", "finance")}
                    ok(company["finance"].complete_task(tasks["finance"], "approve"))
                    self.assertEqual(company["system"].show("contract", contract)["status"], "review")
                    ok(company["legal"].complete_task(tasks["legal"], "approve"))
                    self.assertEqual(company["system"].show("contract", contract)["status"], "signing")

    def test_a_rejected_review_is_reworked(self) -> None:
        with Company() as company:
            contract = company.deal("K1", "contract", price="1000", special_terms=True)
            ok(company["legal"].complete_task(company["legal"].tasks()[0]["task"], "reject", comment="条款不清"))
            self.assertEqual(company["system"].show("contract", contract)["status"], "rework")
            self.assertEqual(company["finance"].tasks(), [])
            ok(company["li.na"].send("contract", contract, "resubmit"))
            self.assertEqual(len(company["legal"].tasks()), 1)

    def test_from_the_order_to_cash(self) -> None:
        with Company() as company:
            company.deal("K1", "signed", price="1000", quantity=2)
            company.engine.deliver()
            self.assertEqual(len(company.orders), 1)
            number = company.orders[0]["order_no"]
            self.assertEqual((company.orders[0]["customer"], Decimal(company.orders[0]["amount"])), ("华东精密", Decimal(2000)))

            def message(name: str, id: str, **payload) -> str:
                return ok(company.engine.receive(name, id, {"order_no": number, **payload})).story["message"]

            def status() -> str:
                return company["system"].show("order", number)["status"]

            self.assertEqual(message("erp.order_confirmed", "c1", erp_number="E-1"), "consumed")
            self.assertEqual(message("erp.order_confirmed", "c1", erp_number="E-1"), "duplicate")
            self.assertEqual(message("mes.progress", "m2", state="running"), "waiting")  # ahead of its time
            self.assertEqual(message("mes.progress", "m1", state="planned"), "consumed")
            company.engine.run_due()
            self.assertEqual(status(), "producing")
            self.assertEqual(message("mes.progress", "m3", state="done"), "consumed")
            self.assertEqual(company["li.na"].send("delivery", f"{number}/D1", "ship", tracking="SF1").refusals[0].code, "access.event")
            ok(company["warehouse"].send("delivery", f"{number}/D1", "ship", tracking="SF1"))
            self.assertEqual(status(), "shipped")
            self.assertEqual(message("erp.payment", "p1", number="PAY-1", amount="500", paid_on="2026-03-02"), "consumed")
            ok(company["finance"].send("invoice", f"{number}/I1", "issue"))
            self.assertEqual(status(), "invoiced")
            self.assertEqual(message("erp.payment", "p1", number="PAY-1", amount="500", paid_on="2026-03-02"), "duplicate")
            self.assertEqual((company.stage("K1"), company["system"].show("order", number)["received"]), ("signed", Decimal(500)))
            self.assertEqual(message("erp.payment", "p2", number="PAY-2", amount="1500", paid_on="2026-03-03"), "consumed")
            self.assertEqual((status(), company.stage("K1")), ("paid", "won"))
            self.assertTrue(company.engine.verify().ok)


class Rights(unittest.TestCase):
    def test_closed_by_default(self) -> None:
        with Company() as company:
            company.deal("R1", "engaging")
            with self.assertRaises(leat.NotFoundError):
                company["wang.wei"].show("opportunity", "R1")
            with self.assertRaises(leat.NotFoundError):
                company["warehouse"].show("opportunity", "R1")
            self.assertEqual(company["manager"].show("opportunity", "R1")["stage"], "engaging")
            outcome = company["wang.wei"].create("opportunity", number="R2", owner="li.na")
            self.assertEqual(outcome.refusals[0].code, "access.row")
            self.assertEqual(company["market"].list("opportunity"), [])
            self.assertEqual(company["finance"].send("opportunity", "R1", "quote").refusals[0].code, "access.event")


    def test_what_was_approved_stays(self) -> None:
        def forbidden(entity: str, key: str, **fields) -> None:
            outcome = company["li.na"].patch(entity, key, **fields)
            self.assertEqual([one.code for one in outcome.refusals], ["access.field"])

        with Company() as company:
            company.deal("R1", "priced", price="900")
            forbidden("opportunity", "R1", approver="sales_manager")
            task = ok(company["li.na"].send("opportunity", "R1", "submit")).tasks[0]["task"]
            cheap = [{"product": "AX 100", "list_price": "1000", "price": "1"}]
            forbidden("opportunity", "R1", lines=cheap)
            ok(company["manager"].complete_task(task, "approve"))
            forbidden("opportunity", "R1", lines=cheap)
            self.assertTrue(company["li.na"].send("opportunity", "R1", "offer", product="AX 100", price="1").refused)
            ok(company["li.na"].patch("opportunity", "R1", accepted_on=dt.date(2026, 3, 2), delivery_terms="EXW", payment_terms="30 天"))
            contract = next(one.key for one in ok(company["li.na"].send("opportunity", "R1", "accept")).changed if one.entity == "contract")
            forbidden("opportunity", "R1", lines=cheap)
            forbidden("contract", contract, amount="1")
            self.assertEqual(company["system"].show("contract", contract)["amount"], Decimal(900))


class Definitions(unittest.TestCase):
    def test_they_load_without_a_warning(self) -> None:
        self.assertEqual([str(one) for one in program().warnings], [])

    def test_they_are_in_the_house_style(self) -> None:
        for path in sorted(DEFINITIONS.parent.glob("*.yaml")):
            text = path.read_text(encoding="utf-8")
            self.assertEqual(leat.format_text(text, name=path.name), text, path.name)

    def test_everything_has_both_titles(self) -> None:
        missing: list[str] = []

        def check(path: str, item: dict) -> None:
            if set(item.get("title") or {}) < {"zh", "en"}:
                missing.append(path)

        description = program().description
        for entity in description["entities"]:
            check(entity["name"], entity)
            for field in entity["fields"]:
                if field.get("origin") == "declared":
                    check(f"{entity['name']}.{field['name']}", field)
                    for value in field.get("enum", []):
                        if field["kind"] != "role":
                            check(f"{entity['name']}.{field['name']}.{value['value']}", value)
        for flow in description["flows"]:
            check(flow["name"], flow)
            for state in flow["states"]:
                if "." not in state["name"]:  # the engine's own: an approval pending, an approval given
                    check(f"{flow['name']}.{state['name']}", state)
        for kind in ("roles", "settings", "reports"):
            for item in description[kind]:
                check(f"{kind}.{item['name']}", item)
        self.assertEqual(missing, [])


if __name__ == "__main__":
    unittest.main()
