// The application of the engine's tests: a deal with lines, a price approval, an order made on winning.
#pragma once

namespace leat::test {

inline constexpr const char* kSales = R"(
leat: 1
app: sales
language: en
timezone: Asia/Shanghai
currency: CNY
---
calendars: {office: {week: {mon-fri: ["09:00-12:00", "13:30-18:00"]}}}
roles: {sales: Sales, manager: Manager, director: {title: Director, includes: [manager]}, finance: Finance}
settings:
  usual_ratio:     {type: decimal, allow: [director], value: 0.95}
  director_amount: {type: money, allow: [director], value: 500000}
---
entity: customer
key: "{name}"
fields: {name: {type: string, required: true, unique: true}, orders: {type: list, of: order, by: customer}, order_count: {type: integer, formula: count(orders), default: 0}}
access: {sales: {add: true, read: true, write: true}, manager: {read: true}}
---
entity: deal
key: "D-{yyyy}-{seq:4}"
fields:
  name:     {type: string, required: true}
  customer: {type: ref, to: customer}
  owner:    {type: ref, to: user}
  demo_on:  {type: date}
  cost:     {type: money}
  price_ratio: {type: decimal, scale: 4, default: 1, minimum: 0.01}
  lines:
    type: list
    fields:
      product:  {type: string, required: true}
      quantity: {type: decimal, scale: 3, required: true}
      price:    {type: money, required: true}
      amount:   {type: money, formula: quantity * price * deal.price_ratio}
  amount:   {type: money, formula: sum(lines.amount), default: 0}
  lost_reason: {type: string}
  level:    {type: integer, default: 0}
constraints:
  - {assert: price_ratio <= 2, message: "ratio {price_ratio} is too high"}
access:
  sales:   {add: true, read: owner = actor, write: owner = actor, fields: {cost: none}}
  manager: {read: true, write: true}
  finance: {read: true}
---
decision: approver
of: deal
outputs: {who: role}
hit: first
table: |
  | price_ratio             | amount                     | -> who   |
  | >= settings.usual_ratio | -                          | null     |
  | < 0.8                   | > settings.director_amount | director |
  | -                       | -                          | manager  |
---
flow: deal_flow
of: deal
field: stage
delays: {stalled: {for: P7D, repeat: P1D, times: 3}}
events:
  quote: [sales]
  submit: [sales]
  sign: [sales]
  lose: [sales, manager]
  delivered: []
  pay: {allow: [finance], payload: {amount: {type: money, required: true}}}
states:
  open:
    exit_criteria: [{assert: demo_on != null, message: {en: No demonstration given yet, zh: 尚未完成方案演示}}]
    after: {stalled: {do: [{task: "Push {key}", to: = owner}]}}
    on: {quote: quoted}
  quoted:
    entry_criteria: [{required: [customer]}]
    exit_criteria: [{assert: count(lines) > 0, message: The quotation has no lines}]
    on:
      submit:
        - {target: approval, guard: approver(this) != null}
        - {target: review}
  approval:
    approve: {by: {role: = approver(this)}, within: PT8H, timeout: reject}
    on: {approved: review, rejected: quoted}
  review: {on: {sign: signed}}
  signed:
    entry:
      - {create: order, copy: [customer, lines], set: {deal: = this}, as: made}
      - {call: erp.create_order, with: {order: = made.key, amount: = amount}}
      - {notify: = owner, text: "{key} is signed"}
    on:
      pay: {target: won, guard: event.amount >= amount * 0.3, message: "At least {amount * 0.3:money}"}
      delivered: {do: [{set: {level: = level + 1}}]}
  won:  {type: final}
  lost: {type: final, outcome: lost, entry_criteria: [{required: [lost_reason]}]}
on: {lose: lost}
---
entity: order
key: "SO-{seq:5}"
fields:
  deal:     {type: ref, to: deal, required: true, unique: true}
  customer: {type: ref, to: customer, required: true}
  lines:    {type: list, fields: {product: {type: string}, quantity: {type: decimal, scale: 3}, amount: {type: money}}}
  total:    {type: money, formula: sum(lines.amount), default: 0}
  progress: {type: string}
access: {sales: {read: true}, manager: {read: true}}
---
flow: order_flow
of: order
field: status
events: {progress: {allow: [], payload: {state: {type: string, required: true}}}}
states:
  placed:   {on: {progress: {target: making, do: [{set: {progress: = event.state}}]}}}
  making:
    on: {progress: {do: [{set: {progress: = event.state}}]}}
    always: {target: finished, guard: progress = "done"}
  finished: {type: final, entry: [{send: delivered, to: = deal}]}
---
connector: erp
operations: {create_order: {input: {order: string, amount: money}}}
---
message: mes.progress
payload: {order: {type: string, required: true}, state: {type: string, required: true}}
to: = records.order[key = event.order]
send: progress
expires: P7D
---
rule: big_deal
of: deal
when: {becomes: amount > 1000000}
do:
  - {task: "Look at {key}", to: manager}
---
sla: first_offer
of: deal
start: stage = "open"
stop: stage != "open"
within: PT8H office
warn: [50%]
on: {warning: [{notify: = owner, text: "hurry with {key}"}], breach: [{set: {level: = level + 10}}]}
---
report: by_stage
from: deal
group: {stage: stage}
measures: {deals: count(rows), total: {formula: sum(rows.amount), format: money}}
sort: [stage]
)";

}  // namespace leat::test
