PRAGMA application_id = 1281712500;
CREATE TABLE "customer" ("id" INTEGER PRIMARY KEY, "key" TEXT, "leat_version" INTEGER, "created_at" TEXT, "created_by" TEXT, "updated_at" TEXT, "updated_by" TEXT, "name" TEXT) STRICT;
INSERT INTO "customer" VALUES (1, 'C-001', 3, '2026-01-01T00:00:00.000000Z', 'system', '2026-01-01T00:00:00.000000Z', 'system', '甲公司 "A"');
CREATE TABLE "department" ("id" INTEGER PRIMARY KEY, "key" TEXT, "leat_version" INTEGER, "created_at" TEXT, "created_by" TEXT, "updated_at" TEXT, "updated_by" TEXT, "name" TEXT, "head" INTEGER REFERENCES "user"("id") DEFERRABLE INITIALLY DEFERRED, "parent" INTEGER REFERENCES "department"("id") DEFERRABLE INITIALLY DEFERRED) STRICT;
CREATE TABLE leat_archive(last INTEGER PRIMARY KEY, first INTEGER NOT NULL, path TEXT NOT NULL, hash BLOB NOT NULL, time TEXT NOT NULL) STRICT;
CREATE TABLE leat_catalog(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "leat_catalog" VALUES ('definition', '48e10a9ffeffb21e82eefed263602c82f475eb23cd4129d82b86bc9568290583');
INSERT INTO "leat_catalog" VALUES ('format', '1');
INSERT INTO "leat_catalog" VALUES ('tzdata', '2026f');
CREATE TABLE leat_column (table_name TEXT NOT NULL, column_name TEXT NOT NULL, entity TEXT NOT NULL, kind TEXT NOT NULL, scale INTEGER, currency TEXT, refers_to TEXT, title TEXT, PRIMARY KEY (table_name, column_name)) STRICT, WITHOUT ROWID;
INSERT INTO "leat_column" VALUES ('customer', 'created_at', 'customer', 'datetime', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('customer', 'created_by', 'customer', 'string', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('customer', 'id', 'customer', 'integer', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('customer', 'key', 'customer', 'string', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('customer', 'leat_version', 'customer', 'integer', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('customer', 'name', 'customer', 'string', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('customer', 'updated_at', 'customer', 'datetime', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('customer', 'updated_by', 'customer', 'string', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('department', 'created_at', 'department', 'datetime', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('department', 'created_by', 'department', 'string', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('department', 'head', 'department', 'ref', NULL, NULL, 'user', 'Head');
INSERT INTO "leat_column" VALUES ('department', 'id', 'department', 'integer', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('department', 'key', 'department', 'string', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('department', 'leat_version', 'department', 'integer', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('department', 'name', 'department', 'string', NULL, NULL, NULL, 'Name');
INSERT INTO "leat_column" VALUES ('department', 'parent', 'department', 'ref', NULL, NULL, 'department', 'Parent');
INSERT INTO "leat_column" VALUES ('department', 'updated_at', 'department', 'datetime', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('department', 'updated_by', 'department', 'string', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order', 'created_at', 'order', 'datetime', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order', 'created_by', 'order', 'string', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order', 'customer', 'order', 'ref', NULL, NULL, 'customer', NULL);
INSERT INTO "leat_column" VALUES ('order', 'due', 'order', 'date', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order', 'id', 'order', 'integer', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order', 'key', 'order', 'string', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order', 'kind', 'order', 'enum', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order', 'leat_version', 'order', 'integer', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order', 'note', 'order', 'text', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order', 'rush', 'order', 'boolean', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order', 'stage', 'order', 'enum', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order', 'stage_configuration', 'order', 'string', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order', 'stage_entries', 'order', 'integer', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order', 'stage_since', 'order', 'datetime', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order', 'stage_version', 'order', 'integer', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order', 'total', 'order', 'money', 2, 'CNY', NULL, NULL);
INSERT INTO "leat_column" VALUES ('order', 'updated_at', 'order', 'datetime', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order', 'updated_by', 'order', 'string', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order_lines', 'count', 'order.lines', 'integer', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order_lines', 'created_at', 'order.lines', 'datetime', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order_lines', 'created_by', 'order.lines', 'string', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order_lines', 'id', 'order.lines', 'integer', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order_lines', 'leat_version', 'order.lines', 'integer', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order_lines', 'order', 'order.lines', 'ref', NULL, NULL, 'order', NULL);
INSERT INTO "leat_column" VALUES ('order_lines', 'price', 'order.lines', 'money', 2, 'CNY', NULL, NULL);
INSERT INTO "leat_column" VALUES ('order_lines', 'product', 'order.lines', 'string', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order_lines', 'total', 'order.lines', 'money', 2, 'CNY', NULL, NULL);
INSERT INTO "leat_column" VALUES ('order_lines', 'updated_at', 'order.lines', 'datetime', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('order_lines', 'updated_by', 'order.lines', 'string', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('user', 'active', 'user', 'boolean', NULL, NULL, NULL, 'Active');
INSERT INTO "leat_column" VALUES ('user', 'created_at', 'user', 'datetime', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('user', 'created_by', 'user', 'string', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('user', 'department', 'user', 'ref', NULL, NULL, 'department', 'Department');
INSERT INTO "leat_column" VALUES ('user', 'email', 'user', 'string', NULL, NULL, NULL, 'E-mail');
INSERT INTO "leat_column" VALUES ('user', 'id', 'user', 'integer', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('user', 'key', 'user', 'string', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('user', 'leat_version', 'user', 'integer', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('user', 'manager', 'user', 'ref', NULL, NULL, 'user', 'Manager');
INSERT INTO "leat_column" VALUES ('user', 'name', 'user', 'string', NULL, NULL, NULL, 'Name');
INSERT INTO "leat_column" VALUES ('user', 'phone', 'user', 'string', NULL, NULL, NULL, 'Phone');
INSERT INTO "leat_column" VALUES ('user', 'roles', 'user', 'list', NULL, NULL, NULL, 'Roles');
INSERT INTO "leat_column" VALUES ('user', 'updated_at', 'user', 'datetime', NULL, NULL, NULL, NULL);
INSERT INTO "leat_column" VALUES ('user', 'updated_by', 'user', 'string', NULL, NULL, NULL, NULL);
CREATE TABLE leat_definition(hash TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL, root INTEGER NOT NULL, time_us INTEGER NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY(hash, position)) STRICT, WITHOUT ROWID;
INSERT INTO "leat_definition" VALUES ('48e10a9ffeffb21e82eefed263602c82f475eb23cd4129d82b86bc9568290583', 1, 'app.yaml', 'leat: 1
app: 样本
version: "1"
language: en
currency: CNY
---
roles: {clerk: Clerk}
---
settings: {limit: {type: decimal, value: 100, allow: [clerk]}}
---
entity: customer
key: "C-{seq:3}"
fields: {name: {type: string, personal: true}}
access: {clerk: {add: true, read: true, write: true}}
---
entity: order
key: "SO-{yyyy}-{seq:4}"
fields:
  customer: {type: ref, to: customer}
  note: text
  due: date
  rush: {type: boolean, default: false}
  kind: {type: enum, enum: [normal, urgent]}
  lines: {type: list, fields: {product: string, price: {type: money}, count: integer, total: {type: money, formula: price * count}}}
  total: {type: money, formula: sum(lines.total)}
access: {clerk: {add: true, read: true, write: true}}
---
flow: order_flow
of: order
field: stage
events: {submit: [clerk], pay: [clerk]}
states:
  draft: {on: {submit: {target: check, guard: total > 0}}}
  check: {approve: {by: clerk}, on: {approved: open, rejected: draft}}
  open: {after: {P10D: late}, states: {billed: {on: {pay: paid}}, paid: {}}}
  late: {on: {pay: done}}
  done: {type: final}
', 1, 1767225600000000, 13);
INSERT INTO "leat_definition" VALUES ('58d734f16c5dd6db20c7eb730fe3b93ca8fa8bf9e3aaf02835bb31afcde10c3b', 1, 'app.yaml', 'leat: 1
app: 样本
version: "1"
language: en
currency: CNY
---
roles: {clerk: Clerk}
---
settings: {limit: {type: decimal, value: 100, allow: [clerk]}}
---
entity: customer
key: "C-{seq:3}"
fields: {name: {type: string, personal: true}}
access: {clerk: {add: true, read: true, write: true}}
---
entity: order
key: "SO-{yyyy}-{seq:4}"
fields:
  customer: {type: ref, to: customer}
  note: text
  due: date
  rush: {type: boolean, default: false}
  kind: {type: enum, enum: [normal, urgent]}
  lines: {type: list, fields: {product: string, price: {type: money}, count: integer, total: {type: money, formula: price * count}}}
  total: {type: money, formula: sum(lines.total)}
access: {clerk: {add: true, read: true, write: true}}
---
flow: order_flow
of: order
field: stage
events: {submit: [clerk], pay: [clerk]}
states:
  draft: {on: {submit: check}}
  check: {approve: {by: clerk}, on: {approved: open, rejected: draft}}
  open: {after: {P10D: late}, states: {billed: {on: {pay: paid}}, paid: {}}}
  late: {on: {pay: done}}
  done: {type: final}
', 1, 1767225600000000, 1);
CREATE TABLE leat_deployment(sequence INTEGER PRIMARY KEY, from_hash TEXT NOT NULL, to_hash TEXT NOT NULL, names TEXT NOT NULL) STRICT;
INSERT INTO "leat_deployment" VALUES (13, '58d734f16c5dd6db20c7eb730fe3b93ca8fa8bf9e3aaf02835bb31afcde10c3b', '48e10a9ffeffb21e82eefed263602c82f475eb23cd4129d82b86bc9568290583', '[]');
CREATE TABLE leat_file (sha256 TEXT PRIMARY KEY, size INTEGER NOT NULL, stored_us INTEGER NOT NULL, content BLOB) STRICT;
CREATE TABLE leat_flow_version(flow TEXT NOT NULL, version INTEGER NOT NULL, digest TEXT NOT NULL, definition TEXT NOT NULL, name TEXT NOT NULL, pinned INTEGER NOT NULL, PRIMARY KEY(flow, version)) STRICT, WITHOUT ROWID;
INSERT INTO "leat_flow_version" VALUES ('order_flow', 1, '11cbf8cb9fa3bb1a4ac3bac6e0783fab8a16bcccffd95206e22f317d5df79e9f', '58d734f16c5dd6db20c7eb730fe3b93ca8fa8bf9e3aaf02835bb31afcde10c3b', 'order_flow', 1);
INSERT INTO "leat_flow_version" VALUES ('order_flow', 2, 'd9c4ca151b72f2988f02dd20dec389070ab74f26bc85d030fa077fd8391d9601', '48e10a9ffeffb21e82eefed263602c82f475eb23cd4129d82b86bc9568290583', 'order_flow', 0);
CREATE TABLE leat_former_name(entity TEXT NOT NULL, was TEXT NOT NULL, PRIMARY KEY(entity, was)) STRICT, WITHOUT ROWID;
CREATE TABLE leat_held_timer(entity TEXT NOT NULL, record INTEGER NOT NULL, due_us INTEGER NOT NULL, name TEXT NOT NULL, kind INTEGER NOT NULL, entry INTEGER NOT NULL, count INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY(entity, record, due_us, name)) STRICT, WITHOUT ROWID;
CREATE TABLE leat_identity (entity TEXT PRIMARY KEY, last_id INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "leat_identity" VALUES ('order', 4);
INSERT INTO "leat_identity" VALUES ('order.lines', 4);
CREATE TABLE leat_import(job TEXT PRIMARY KEY, entity TEXT NOT NULL, source TEXT NOT NULL, mapping TEXT NOT NULL, status TEXT NOT NULL, records INTEGER NOT NULL, created INTEGER NOT NULL, changed INTEGER NOT NULL, unchanged INTEGER NOT NULL, rejected INTEGER NOT NULL, rejections INTEGER NOT NULL, started_us INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE leat_import_rejection(job TEXT NOT NULL, number INTEGER NOT NULL, line_row INTEGER NOT NULL, line INTEGER NOT NULL, field TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, PRIMARY KEY(job, number)) STRICT, WITHOUT ROWID;
CREATE TABLE leat_inbox(name TEXT NOT NULL, id TEXT NOT NULL, payload TEXT NOT NULL, status INTEGER NOT NULL, received_us INTEGER NOT NULL, expires_us INTEGER, consumed_us INTEGER, sequence INTEGER, PRIMARY KEY(name, id)) STRICT, WITHOUT ROWID;
CREATE TABLE leat_incident(id INTEGER PRIMARY KEY, entity TEXT NOT NULL, record INTEGER NOT NULL, place TEXT NOT NULL, error TEXT NOT NULL, time_us INTEGER NOT NULL, status TEXT NOT NULL) STRICT;
CREATE TABLE leat_load(sequence INTEGER PRIMARY KEY, entity TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, salt BLOB) STRICT;
CREATE TABLE leat_log(seq INTEGER PRIMARY KEY, chain INTEGER NOT NULL, time TEXT NOT NULL, actor TEXT NOT NULL, roles TEXT NOT NULL, definition TEXT NOT NULL, salt TEXT NOT NULL, command TEXT NOT NULL, drawn TEXT NOT NULL, cause TEXT NOT NULL, segments TEXT NOT NULL, hash BLOB NOT NULL) STRICT;
INSERT INTO "leat_log" VALUES (1, 0, '2026-01-01T00:00:00.000000Z', 'system', '[]', '58d734f16c5dd6db20c7eb730fe3b93ca8fa8bf9e3aaf02835bb31afcde10c3b', '956eeb2f2632d7bd03f166b233e3ef28', '{"do":"deploy","app":"样本","version":"1","hash":"58d734f16c5dd6db20c7eb730fe3b93ca8fa8bf9e3aaf02835bb31afcde10c3b"}', 'null', 'null', '[]', X'6E636CF495D647E8B69B7B4C758DF6B2A82CFFC34CE2A7A04E8F347ACEE3ADC3');
INSERT INTO "leat_log" VALUES (10, 0, '2026-01-01T00:00:00.000000Z', '王芳', '["clerk"]', '58d734f16c5dd6db20c7eb730fe3b93ca8fa8bf9e3aaf02835bb31afcde10c3b', '8c2d33fef48ce74511afa4a2cb2f58c6', '{"do":"complete_task","task":2,"decision":"approve","comment":"同意","input":{}}', 'null', 'null', '[{"salt":"330045ff915b15abca8fd5ec14b34652","entity":"order","id":3,"key":"SO-2026-0003","prev":9,"op":"update","changes":{"stage":["check","open"],"stage_entries":[2,3],"stage_configuration":["check:2","open:3 billed:3"]}}]', X'6243E93931A21103A6A726A3F6B397E28ECE5A52A7B54AAC3D3B19A4F24799CB');
INSERT INTO "leat_log" VALUES (11, 0, '2026-01-01T00:00:00.000000Z', '王芳', '["clerk"]', '58d734f16c5dd6db20c7eb730fe3b93ca8fa8bf9e3aaf02835bb31afcde10c3b', 'aa647d9c0699a015d770261f27017b24', '{"do":"change_setting","setting":"limit","valid_from":"2026-02-01","value":"120"}', 'null', 'null', '[]', X'AB0A1661344E38D9D253787CAE02FA2695704DFA9EF9113C300C02009484A677');
INSERT INTO "leat_log" VALUES (12, 0, '2026-01-01T00:00:00.000000Z', 'system', '[]', '58d734f16c5dd6db20c7eb730fe3b93ca8fa8bf9e3aaf02835bb31afcde10c3b', '6e5ba13e933c3f81ef8cf0c0a4b628f8', '{"do":"delete","entity":"order","key":"SO-2026-0004"}', 'null', 'null', '[{"salt":"41bbd59d0a2c405e0850e96b8a5e4130","entity":"order","id":4,"key":"SO-2026-0004","prev":7,"op":"delete","changes":{"key":["SO-2026-0004",null],"customer":[1,null],"due":["2026-03-04",null],"rush":[false,null],"kind":["urgent",null],"total":["4.96",null],"stage":["draft",null],"stage_since":["2026-01-01T00:00:00.000000Z",null],"stage_entries":[1,null],"stage_configuration":["draft:1",null]}},{"salt":"242dcc39b1af81275b8fc6e4ec78f551","entity":"order.lines","id":4,"key":"4","prev":7,"op":"delete","changes":{"order":[4,null],"product":["bolt",null],"price":["1.24",null],"count":[4,null],"total":["4.96",null]}}]', X'FEAF4D606C4A3DCAF26720B4F826448886808FC4D2F7479012AA6ADB1E53353A');
INSERT INTO "leat_log" VALUES (13, 0, '2026-01-01T00:00:00.000000Z', 'system', '[]', '48e10a9ffeffb21e82eefed263602c82f475eb23cd4129d82b86bc9568290583', '017af2cd410b08afbae85900dab8538e', '{"do":"deploy","app":"样本","version":"1","hash":"48e10a9ffeffb21e82eefed263602c82f475eb23cd4129d82b86bc9568290583"}', 'null', 'null', '[]', X'F345A3BBCEFE2DDDEA09EE73203DD8051807E65715B8E16E77203036689C75F8');
INSERT INTO "leat_log" VALUES (2, 0, '2026-01-01T00:00:00.000000Z', 'system', '[]', '58d734f16c5dd6db20c7eb730fe3b93ca8fa8bf9e3aaf02835bb31afcde10c3b', '529f0f135767524794e34a0effe11c58', '{"do":"create","entity":"user","input":{"key":"王芳","name":"王芳","roles":["clerk"]}}', 'null', 'null', '[{"salt":"f22348245a58bc0906db803cfa3144de","entity":"user","id":1,"key":"王芳","prev":0,"op":"create","changes":{"key":[null,"王芳"],"name":[null,"王芳"],"active":[null,true],"roles":[null,["clerk"]]}}]', X'ECBEAEE5568A3885143ABECAA7089EA20E8B7C1EFC85E71B0D1C53904E662718');
INSERT INTO "leat_log" VALUES (3, 0, '2026-01-01T00:00:00.000000Z', 'system', '[]', '58d734f16c5dd6db20c7eb730fe3b93ca8fa8bf9e3aaf02835bb31afcde10c3b', '5d6d37451c67e937a42f9e9eee35f6cc', '{"do":"create","entity":"customer","input":{"name":"甲公司 \"A\""}}', 'null', 'null', '[{"salt":"d57d3d0b77b80557ae777f2938d7549e","entity":"customer","id":1,"key":"C-001","prev":0,"op":"create","changes":{"key":[null,"C-001"],"name":[null,"甲公司 \"A\""]}}]', X'A838106A3DCDB0817CA7B39CEC32A7C39CDDB07D27244F050B3F9971E74CBA06');
INSERT INTO "leat_log" VALUES (4, 0, '2026-01-01T00:00:00.000000Z', 'system', '[]', '58d734f16c5dd6db20c7eb730fe3b93ca8fa8bf9e3aaf02835bb31afcde10c3b', 'bf195b774a727434be5016450e8a347e', '{"do":"create","entity":"order","input":{"customer":"C-001","kind":"urgent","due":"2026-03-01","lines":[{"product":"bolt","price":1.21,"count":1}]}}', 'null', 'null', '[{"salt":"e6463e7f89ed6d83b76ded4773971f85","entity":"order","id":1,"key":"SO-2026-0001","prev":0,"op":"create","changes":{"key":[null,"SO-2026-0001"],"customer":[null,1],"due":[null,"2026-03-01"],"rush":[null,false],"kind":[null,"urgent"],"total":[null,"1.21"],"stage":[null,"draft"],"stage_since":[null,"2026-01-01T00:00:00.000000Z"],"stage_entries":[null,1],"stage_configuration":[null,"draft:1"]}},{"salt":"dc8ee7021ce347aaf2337c4dc5521434","entity":"order.lines","id":1,"key":"1","prev":0,"op":"create","changes":{"order":[null,1],"product":[null,"bolt"],"price":[null,"1.21"],"count":[null,1],"total":[null,"1.21"]}}]', X'3DB777F9C511E8724BEE8624601474AA0B99947E356A7E591B9B7B1A3E509555');
INSERT INTO "leat_log" VALUES (5, 0, '2026-01-01T00:00:00.000000Z', 'system', '[]', '58d734f16c5dd6db20c7eb730fe3b93ca8fa8bf9e3aaf02835bb31afcde10c3b', '75ba5ef352d7831a1d9e7ff60300d97e', '{"do":"create","entity":"order","input":{"customer":"C-001","kind":"urgent","due":"2026-03-02","lines":[{"product":"bolt","price":1.22,"count":2}]}}', 'null', 'null', '[{"salt":"076aa848f4dfea1760b872291aca5eb0","entity":"order","id":2,"key":"SO-2026-0002","prev":0,"op":"create","changes":{"key":[null,"SO-2026-0002"],"customer":[null,1],"due":[null,"2026-03-02"],"rush":[null,false],"kind":[null,"urgent"],"total":[null,"2.44"],"stage":[null,"draft"],"stage_since":[null,"2026-01-01T00:00:00.000000Z"],"stage_entries":[null,1],"stage_configuration":[null,"draft:1"]}},{"salt":"e8a355644b4413f5996e1f26dda6b312","entity":"order.lines","id":2,"key":"2","prev":0,"op":"create","changes":{"order":[null,2],"product":[null,"bolt"],"price":[null,"1.22"],"count":[null,2],"total":[null,"2.44"]}}]', X'80F454151121DCF4EB048936F9050A075619202ECC38007B88FBF38AF2F846B8');
INSERT INTO "leat_log" VALUES (6, 0, '2026-01-01T00:00:00.000000Z', 'system', '[]', '58d734f16c5dd6db20c7eb730fe3b93ca8fa8bf9e3aaf02835bb31afcde10c3b', 'd515ca00b18f8d9991c87454d475ac9e', '{"do":"create","entity":"order","input":{"customer":"C-001","kind":"urgent","due":"2026-03-03","lines":[{"product":"bolt","price":1.23,"count":3}]}}', 'null', 'null', '[{"salt":"50b9b729f233fc1211e59079e3a70e47","entity":"order","id":3,"key":"SO-2026-0003","prev":0,"op":"create","changes":{"key":[null,"SO-2026-0003"],"customer":[null,1],"due":[null,"2026-03-03"],"rush":[null,false],"kind":[null,"urgent"],"total":[null,"3.69"],"stage":[null,"draft"],"stage_since":[null,"2026-01-01T00:00:00.000000Z"],"stage_entries":[null,1],"stage_configuration":[null,"draft:1"]}},{"salt":"35a82006155bf2bd1f99b98f197e16c9","entity":"order.lines","id":3,"key":"3","prev":0,"op":"create","changes":{"order":[null,3],"product":[null,"bolt"],"price":[null,"1.23"],"count":[null,3],"total":[null,"3.69"]}}]', X'925B6FE00187227CF54A0F6B67EE38EC5E00C24C09E97C9D94B8DC099F05384A');
INSERT INTO "leat_log" VALUES (7, 0, '2026-01-01T00:00:00.000000Z', 'system', '[]', '58d734f16c5dd6db20c7eb730fe3b93ca8fa8bf9e3aaf02835bb31afcde10c3b', '076dc8cd312622f1435e58531b9fb5b1', '{"do":"create","entity":"order","input":{"customer":"C-001","kind":"urgent","due":"2026-03-04","lines":[{"product":"bolt","price":1.24,"count":4}]}}', 'null', 'null', '[{"salt":"75d91342a16d37ca5e2c9d5092162cd7","entity":"order","id":4,"key":"SO-2026-0004","prev":0,"op":"create","changes":{"key":[null,"SO-2026-0004"],"customer":[null,1],"due":[null,"2026-03-04"],"rush":[null,false],"kind":[null,"urgent"],"total":[null,"4.96"],"stage":[null,"draft"],"stage_since":[null,"2026-01-01T00:00:00.000000Z"],"stage_entries":[null,1],"stage_configuration":[null,"draft:1"]}},{"salt":"9df4a4634efea7a5de7fcb3b02653bc8","entity":"order.lines","id":4,"key":"4","prev":0,"op":"create","changes":{"order":[null,4],"product":[null,"bolt"],"price":[null,"1.24"],"count":[null,4],"total":[null,"4.96"]}}]', X'794DF0B8FCBB92FA7AFDFC78A1C53FC7DA14A8961A32B3CFDEDB22DFC8DA52BD');
INSERT INTO "leat_log" VALUES (8, 0, '2026-01-01T00:00:00.000000Z', 'system', '[]', '58d734f16c5dd6db20c7eb730fe3b93ca8fa8bf9e3aaf02835bb31afcde10c3b', '55c2a4c97f1c35a3436ef04ac02d4961', '{"do":"send","entity":"order","key":"SO-2026-0002","event":"submit","input":{}}', 'null', 'null', '[{"salt":"11558cf3f067221041db290bc5091c44","entity":"order","id":2,"key":"SO-2026-0002","prev":5,"op":"update","changes":{"stage":["draft","check"],"stage_entries":[1,2],"stage_configuration":["draft:1","check:2"]}}]', X'51856A13668EC2B1A3A26DFB9E25CFA4F1F14D350BDD55E1AB85915557D0314B');
INSERT INTO "leat_log" VALUES (9, 0, '2026-01-01T00:00:00.000000Z', 'system', '[]', '58d734f16c5dd6db20c7eb730fe3b93ca8fa8bf9e3aaf02835bb31afcde10c3b', '405f1d96b856dec284dfbb7eac258b17', '{"do":"send","entity":"order","key":"SO-2026-0003","event":"submit","input":{}}', 'null', 'null', '[{"salt":"2229d00627bcbe8739692bce94d2b728","entity":"order","id":3,"key":"SO-2026-0003","prev":6,"op":"update","changes":{"stage":["draft","check"],"stage_entries":[1,2],"stage_configuration":["draft:1","check:2"]}}]', X'57E8A2A8438045F912E332C3CE9663C67CA92E2223C9DAF74D4588C20D242DE7');
CREATE TABLE leat_outbox(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, topic TEXT NOT NULL, payload TEXT NOT NULL, entity TEXT NOT NULL, record INTEGER NOT NULL, status INTEGER NOT NULL, attempts INTEGER NOT NULL, created_us INTEGER NOT NULL, next_us INTEGER NOT NULL, lease_until_us INTEGER, receipt TEXT NOT NULL, sequence INTEGER NOT NULL, later INTEGER NOT NULL) STRICT;
CREATE TABLE leat_outbox_mark(one INTEGER PRIMARY KEY CHECK (one = 1), id INTEGER NOT NULL) STRICT;
INSERT INTO "leat_outbox_mark" VALUES (1, 0);
CREATE TABLE leat_saved(sequence INTEGER NOT NULL, entity TEXT NOT NULL, record INTEGER NOT NULL, saved TEXT NOT NULL, PRIMARY KEY(sequence, entity, record)) STRICT, WITHOUT ROWID;
CREATE TABLE leat_series(series TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "leat_series" VALUES ('customer:C-*', 1);
INSERT INTO "leat_series" VALUES ('order:SO-2026-*', 4);
CREATE TABLE leat_setting(name TEXT NOT NULL, valid_from TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY(name, valid_from)) STRICT, WITHOUT ROWID;
INSERT INTO "leat_setting" VALUES ('limit', '2026-02-01', '120');
CREATE TABLE leat_share (entity TEXT NOT NULL, record INTEGER NOT NULL, holder TEXT NOT NULL, "right" INTEGER NOT NULL, PRIMARY KEY (entity, record, holder)) STRICT, WITHOUT ROWID;
CREATE TABLE leat_sla(entity TEXT NOT NULL, record INTEGER NOT NULL, name TEXT NOT NULL, status INTEGER NOT NULL, started_us INTEGER NOT NULL, due_us INTEGER, paused_us INTEGER, stopped_us INTEGER, worked_us INTEGER NOT NULL, entry INTEGER NOT NULL, breached_us INTEGER, PRIMARY KEY(entity, record, name)) STRICT, WITHOUT ROWID;
CREATE TABLE leat_sla_past(entity TEXT NOT NULL, record INTEGER NOT NULL, name TEXT NOT NULL, status INTEGER NOT NULL, started_us INTEGER NOT NULL, due_us INTEGER, paused_us INTEGER, stopped_us INTEGER, worked_us INTEGER NOT NULL, entry INTEGER NOT NULL, breached_us INTEGER, PRIMARY KEY(entity, record, name, entry)) STRICT, WITHOUT ROWID;
CREATE TABLE leat_suspension(entity TEXT NOT NULL, record INTEGER NOT NULL, since_us INTEGER NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY(entity, record)) STRICT, WITHOUT ROWID;
CREATE TABLE leat_task(id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, status INTEGER NOT NULL, entity TEXT NOT NULL, record INTEGER NOT NULL, flow TEXT NOT NULL, state TEXT NOT NULL, entry INTEGER NOT NULL, title TEXT NOT NULL, user TEXT NOT NULL, role TEXT NOT NULL, outcome TEXT NOT NULL, comment TEXT NOT NULL, decided_by TEXT NOT NULL, digest TEXT NOT NULL, created_us INTEGER NOT NULL, due_us INTEGER, decided_us INTEGER, sequence INTEGER NOT NULL) STRICT;
INSERT INTO "leat_task" VALUES (1, 1, 0, 'order', 2, 'order_flow', 'check', 2, 'order SO-2026-0002: check', '', 'clerk', '', '', '', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 1767225600000000, NULL, NULL, 8);
INSERT INTO "leat_task" VALUES (2, 1, 1, 'order', 3, 'order_flow', 'check', 2, 'order SO-2026-0003: check', '', 'clerk', 'approve', '同意', '王芳', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 1767225600000000, NULL, 1767225600000000, 9);
CREATE TABLE leat_timer(due_us INTEGER NOT NULL, entity TEXT NOT NULL, record INTEGER NOT NULL, name TEXT NOT NULL, kind INTEGER NOT NULL, entry INTEGER NOT NULL, count INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY(due_us, entity, record, name)) STRICT, WITHOUT ROWID;
INSERT INTO "leat_timer" VALUES (1768089600000000, 'order', 3, 'order_flow.open.P10D', 0, 3, 0, '1767225600000000');
CREATE TABLE "order" ("id" INTEGER PRIMARY KEY, "key" TEXT, "leat_version" INTEGER, "created_at" TEXT, "created_by" TEXT, "updated_at" TEXT, "updated_by" TEXT, "customer" INTEGER REFERENCES "customer"("id") DEFERRABLE INITIALLY DEFERRED, "note" TEXT, "due" TEXT, "rush" INTEGER, "kind" TEXT, "total" INTEGER, "stage" TEXT, "stage_since" TEXT, "stage_entries" INTEGER, "stage_version" INTEGER, "stage_configuration" TEXT) STRICT;
INSERT INTO "order" VALUES (1, 'SO-2026-0001', 4, '2026-01-01T00:00:00.000000Z', 'system', '2026-01-01T00:00:00.000000Z', 'system', 1, NULL, '2026-03-01', 0, 'urgent', 121, 'draft', '2026-01-01T00:00:00.000000Z', 1, NULL, 'draft:1');
INSERT INTO "order" VALUES (2, 'SO-2026-0002', 8, '2026-01-01T00:00:00.000000Z', 'system', '2026-01-01T00:00:00.000000Z', 'system', 1, NULL, '2026-03-02', 0, 'urgent', 244, 'check', '2026-01-01T00:00:00.000000Z', 2, NULL, 'check:2');
INSERT INTO "order" VALUES (3, 'SO-2026-0003', 10, '2026-01-01T00:00:00.000000Z', 'system', '2026-01-01T00:00:00.000000Z', '王芳', 1, NULL, '2026-03-03', 0, 'urgent', 369, 'open', '2026-01-01T00:00:00.000000Z', 3, NULL, 'open:3 billed:3');
CREATE TABLE "order_lines" ("id" INTEGER PRIMARY KEY, "leat_version" INTEGER, "created_at" TEXT, "created_by" TEXT, "updated_at" TEXT, "updated_by" TEXT, "order" INTEGER REFERENCES "order"("id") DEFERRABLE INITIALLY DEFERRED, "product" TEXT, "price" INTEGER, "count" INTEGER, "total" INTEGER) STRICT;
INSERT INTO "order_lines" VALUES (1, 4, '2026-01-01T00:00:00.000000Z', 'system', '2026-01-01T00:00:00.000000Z', 'system', 1, 'bolt', 121, 1, 121);
INSERT INTO "order_lines" VALUES (2, 5, '2026-01-01T00:00:00.000000Z', 'system', '2026-01-01T00:00:00.000000Z', 'system', 2, 'bolt', 122, 2, 244);
INSERT INTO "order_lines" VALUES (3, 6, '2026-01-01T00:00:00.000000Z', 'system', '2026-01-01T00:00:00.000000Z', 'system', 3, 'bolt', 123, 3, 369);
DELETE FROM sqlite_sequence;
INSERT INTO "sqlite_sequence" VALUES ('leat_task', 2);
CREATE TABLE "user" ("id" INTEGER PRIMARY KEY, "key" TEXT, "leat_version" INTEGER, "created_at" TEXT, "created_by" TEXT, "updated_at" TEXT, "updated_by" TEXT, "name" TEXT, "email" TEXT, "phone" TEXT, "department" INTEGER REFERENCES "department"("id") DEFERRABLE INITIALLY DEFERRED, "manager" INTEGER REFERENCES "user"("id") DEFERRABLE INITIALLY DEFERRED, "active" INTEGER, "roles" TEXT) STRICT;
INSERT INTO "user" VALUES (1, '王芳', 2, '2026-01-01T00:00:00.000000Z', 'system', '2026-01-01T00:00:00.000000Z', 'system', '王芳', NULL, NULL, NULL, NULL, 1, '["clerk"]');
CREATE UNIQUE INDEX "customer_key_i" ON "customer" ("key");
CREATE UNIQUE INDEX "department_key_i" ON "department" ("key");
CREATE INDEX leat_inbox_waiting ON leat_inbox(received_us) WHERE status = 0;
CREATE INDEX leat_incident_open ON leat_incident(id) WHERE status = 'open';
CREATE INDEX leat_outbox_later ON leat_outbox(next_us) WHERE status = 0 AND later = 1;
CREATE INDEX leat_outbox_lease ON leat_outbox(lease_until_us) WHERE status = 1;
CREATE INDEX leat_share_holder_i ON leat_share (holder, entity);
CREATE INDEX leat_task_record ON leat_task(entity, record);
CREATE INDEX leat_task_role ON leat_task(role) WHERE status = 0 AND user = '';
CREATE INDEX leat_task_user ON leat_task(user) WHERE status = 0 AND user <> '';
CREATE UNIQUE INDEX "order_key_i" ON "order" ("key");
CREATE INDEX "order_lines_order_i" ON "order_lines" ("order");
CREATE UNIQUE INDEX "user_key_i" ON "user" ("key");
CREATE VIEW "customer_v" AS SELECT t."id" AS "id", t."key" AS "key", t."leat_version" AS "leat_version", t."created_at" AS "created_at", t."created_by" AS "created_by", t."updated_at" AS "updated_at", t."updated_by" AS "updated_by", t."name" AS "name" FROM "customer" AS t;
CREATE VIEW "department_v" AS SELECT t."id" AS "id", t."key" AS "key", t."leat_version" AS "leat_version", t."created_at" AS "created_at", t."created_by" AS "created_by", t."updated_at" AS "updated_at", t."updated_by" AS "updated_by", t."name" AS "name", (SELECT r."key" FROM "user" AS r WHERE r."id" = t."head") AS "head", (SELECT r."key" FROM "department" AS r WHERE r."id" = t."parent") AS "parent" FROM "department" AS t;
CREATE VIEW "order_lines_v" AS SELECT t."id" AS "id", t."leat_version" AS "leat_version", t."created_at" AS "created_at", t."created_by" AS "created_by", t."updated_at" AS "updated_at", t."updated_by" AS "updated_by", (SELECT r."key" FROM "order" AS r WHERE r."id" = t."order") AS "order", t."product" AS "product", CASE WHEN t."price" IS NULL THEN NULL ELSE printf('%s%d.%02d', CASE WHEN t."price" < 0 THEN '-' ELSE '' END, abs(t."price") / 100, abs(t."price") % 100) END AS "price", t."count" AS "count", CASE WHEN t."total" IS NULL THEN NULL ELSE printf('%s%d.%02d', CASE WHEN t."total" < 0 THEN '-' ELSE '' END, abs(t."total") / 100, abs(t."total") % 100) END AS "total" FROM "order_lines" AS t;
CREATE VIEW "order_v" AS SELECT t."id" AS "id", t."key" AS "key", t."leat_version" AS "leat_version", t."created_at" AS "created_at", t."created_by" AS "created_by", t."updated_at" AS "updated_at", t."updated_by" AS "updated_by", (SELECT r."key" FROM "customer" AS r WHERE r."id" = t."customer") AS "customer", t."note" AS "note", t."due" AS "due", t."rush" AS "rush", t."kind" AS "kind", CASE WHEN t."total" IS NULL THEN NULL ELSE printf('%s%d.%02d', CASE WHEN t."total" < 0 THEN '-' ELSE '' END, abs(t."total") / 100, abs(t."total") % 100) END AS "total", t."stage" AS "stage", t."stage_since" AS "stage_since", t."stage_entries" AS "stage_entries", t."stage_version" AS "stage_version", t."stage_configuration" AS "stage_configuration" FROM "order" AS t;
CREATE VIEW "user_v" AS SELECT t."id" AS "id", t."key" AS "key", t."leat_version" AS "leat_version", t."created_at" AS "created_at", t."created_by" AS "created_by", t."updated_at" AS "updated_at", t."updated_by" AS "updated_by", t."name" AS "name", t."email" AS "email", t."phone" AS "phone", (SELECT r."key" FROM "department" AS r WHERE r."id" = t."department") AS "department", (SELECT r."key" FROM "user" AS r WHERE r."id" = t."manager") AS "manager", t."active" AS "active", t."roles" AS "roles" FROM "user" AS t;
