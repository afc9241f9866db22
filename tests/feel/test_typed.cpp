// Expressions over entities: names, types, reads, nulls.
#include "catch.hpp"
#include "fake_scope.hpp"

using namespace fake;

TEST_CASE("feel: fields, references, lists, settings and functions") {
    World world;
    CHECK(world.show("amount") == "1000.00");
    CHECK(world.show("this.amount = amount") == "true");
    CHECK(world.show("customer.name") == "Ada");
    CHECK(world.show("sum(lines.amount)") == "8.00");
    CHECK(world.show("count(lines) > 1 and status = \"open\"") == "true");
    CHECK(world.show("lines[quantity > 2].product") == "[\"nut\"]");
    CHECK(world.show("lines[1].product") == "bolt");
    CHECK(world.show("some l in lines satisfies l.quantity >= 3") == "true");
    CHECK(world.show("for l in lines return l.product") == "[\"bolt\", \"nut\"]");
    CHECK(world.show("amount > settings.limit") == "true");
    CHECK(world.show("threshold + 1") == "6");
    CHECK(world.show("score(this)") == "10");
    CHECK(world.environment.called == 7);
    CHECK(world.show("sort(lines, function(a, b) a.amount < b.amount)[1].product") == "nut");
    CHECK(world.show("today()") == "2027-01-15");
    CHECK(world.show("now().hour") == "16");
    CHECK(world.show("today() - placed_on > @\"P30D\"") == "true");
    CHECK(world.show("placed_on in [date(\"2026-01-01\")..today())") == "true");
    CHECK(world.show("status in (\"open\", \"won\")") == "true");
    CHECK(world.show("if note = null then \"none\" else note") == "none");
    CHECK(world.show("get or else(note, \"-\")") == "-");
    CHECK(world.show("[{a: status, b: 2}][a = \"open\"].b") == "[2]");
}

TEST_CASE("feel: a null keeps the field that caused it") {
    World world;
    auto expression = world.compile("not(string length(note + \"x\") * 2 + ratio > 3 and amount > 1)");
    REQUIRE(expression);
    feel::Frame frame = world.frame();
    Value value = expression->evaluate(frame);
    REQUIRE(value.is_null());
    REQUIRE(value.null_reason);
    CHECK(value.null_reason->code == "empty");
    CHECK(value.null_reason->name == "note");

    expression = world.compile("amount / (ratio - 0.9)");
    REQUIRE(expression);
    value = expression->evaluate(frame);
    REQUIRE(value.null_reason);
    CHECK(value.null_reason->code == "feel.divide_by_zero");
    CHECK(value.null_reason->begin == 0);
    CHECK(value.null_reason->end == 22);

    expression = world.compile("records.order[status = \"won\"][1].amount > 5");
    REQUIRE(expression);
    value = expression->evaluate(frame);
    REQUIRE(value.null_reason);
    CHECK(value.null_reason->name == "amount");
}

TEST_CASE("feel: what cannot be is found at load") {
    World world;
    CHECK(world.fault("amuont > 3") == "feel.name.unknown@1 did you mean 'amount'?");
    CHECK(world.fault("customer.nmae = \"x\"") == "feel.name.unknown@10 did you mean 'name'?");
    CHECK(world.fault("records.ordr[amount > 1]") == "feel.name.unknown@9 did you mean 'order'?");
    CHECK(world.fault("sume(lines.amount)") == "feel.name.unknown@1 did you mean 'sum'?");
    CHECK(world.fault("amount = \"5\"") == "feel.type.mismatch@1 write the number without quotes");
    CHECK(world.fault("status = \"opne\"") == "feel.enum.unknown@10 did you mean \"open\"?");
    CHECK(world.fault("status = \"成交\"") == "feel.enum.unknown@10 '成交' is the title of \"won\"");
    CHECK(world.fault("status in (\"open\", \"wno\")").substr(0, 20) == "feel.enum.unknown@20");
    CHECK(world.fault("status in [\"open\", \"zzzzzzz\"]").substr(0, 20) == "feel.enum.unknown@20");
    CHECK(world.fault("status < \"won\"") == "feel.type.mismatch@1 compare with '=' or 'in'");
    CHECK(world.fault("amount > price_eur") ==
          "feel.money.mixed@1 convert one side first: convert(amount, from, to, on)");
    CHECK(world.fault("amount + price_eur").substr(0, 18) == "feel.money.mixed@1");
    CHECK(world.show("convert(amount, \"CNY\", \"EUR\", today()) + price_eur") == "7251.0000");
    CHECK(world.show("convert(on: today(), to: \"EUR\", from: \"CNY\", amount: amount)") == "7250.0000");
    CHECK(world.fault("convert(amount, \"EUR\", \"CNY\", today())").substr(0, 17) == "feel.money.mixed@");
    CHECK(world.fault("convert(amount, \"CNY\")").substr(0, 14) == "feel.argument@");
    CHECK(world.fault("amount + 1 > 5").empty());
    CHECK(world.fault("amount * ratio > settings.limit").empty());
    CHECK(world.fault("placed_on < now()") == "feel.type.mismatch@1 write date(…) around the date and time");
    CHECK(world.fault("placed_on < date(now())").empty());
    CHECK(world.fault("customer = \"Ada\"").substr(0, 20) == "feel.type.mismatch@1");
    CHECK(world.fault("this = customer").substr(0, 20) == "feel.type.mismatch@1");
    CHECK(world.fault("lines = 3").substr(0, 20) == "feel.type.mismatch@1");
    CHECK(world.fault("score(customer)") == "feel.type.mismatch@7");
    CHECK(world.fault("score(this, 1)") == "feel.argument@1");
    CHECK(world.fault("amount", world.scope.types().basic(TypeKind::boolean)) == "feel.type.mismatch@1");
    CHECK(world.fault("lines[amount > 1]", world.scope.types().basic(TypeKind::boolean)) ==
          "feel.type.mismatch@1 write count(…) > 0");
    CHECK(world.fault("if ratio > 1 then \"open\" else \"opn\"", world.scope.status_type()) ==
          "feel.enum.unknown@31 did you mean \"open\"?");
    CHECK(world.fault("amount（1）") == "feel.syntax@7 write '('");
    CHECK(world.fault("status = “open”") == "feel.syntax@10 write '\"'");
    CHECK(world.fault("amount[1] > 2").substr(0, 20) == "feel.type.mismatch@1");
    CHECK(world.fault("placed_on > \"2026-01-01\"") == "feel.type.mismatch@1 write the date as @\"2026-01-31\"");
    CHECK(world.fault("placed_on + 7 > today()") == "feel.type.mismatch@1 write a number of days as @\"P7D\"");
    CHECK(world.fault("amount > 1 AND ratio > 1") == "feel.syntax@12 write 'and'");
    CHECK(world.fault("amount <> 1") == "feel.syntax@9 write '!='");
    CHECK(world.fault("note is null") == "feel.syntax@6 write '= null' or '= …'");
    CHECK(world.fault("placed on > 1") == "feel.syntax@8 a name is one word; join its parts by '_'");
    CHECK(world.fault("? > 1") == "feel.name.unknown@1");
    CHECK(world.fault("some note in lines satisfies true") == "feel.name.shadow@1 give it another name");
    CHECK(world.fault("not amount > 1") == "feel.syntax@1 write not(…)");
}

TEST_CASE("feel: a bare name in a filter is the item's only") {
    World world;
    CHECK(world.fault("records.customer[ratio > 1]") == "feel.name.unknown@18 write this.ratio for the outer record");
    CHECK(world.fault("records.customer[name = this.note]").empty());
    CHECK(world.fault("records.customer[region = \"est\"]") == "feel.enum.unknown@27 did you mean \"east\"?");
    CHECK(world.show("count(records.order[status = this.status])") == "1");
    CHECK(world.show("lines[quantity > threshold - 3 and amount < settings.limit].product") == "[\"nut\"]");
    CHECK(world.show("count(records.customer[some o in records.order satisfies o.customer = item])") == "1");
    CHECK(world.show("for l in lines return count(records.order[ratio < l.quantity])") == "[2, 2]");
    CHECK(world.show("records.order[customer.name = \"Ada\"][2].status") == "won");
}

TEST_CASE("feel: conditions that may be null are warned of") {
    World world;
    TypeRef boolean = world.scope.types().basic(TypeKind::boolean);
    CHECK(world.fault("amount > 3", boolean, true).substr(0, 21) == "feel.null.condition@1");
    CHECK(world.diagnostics.all()[0].message.find("'amount'") != std::string::npos);
    CHECK_FALSE(world.diagnostics.has_errors());
    CHECK(world.fault("ratio > 3", boolean, true).empty());
    CHECK(world.fault("amount != null and amount > 3", boolean, true).empty());
    CHECK(world.fault("amount = null or amount > 3", boolean, true).empty());
    CHECK(world.fault("if amount = null then false else amount > 3", boolean, true).empty());
    CHECK(world.fault("get or else(amount, 0) > 3", boolean, true).empty());
    CHECK(world.fault("note = \"x\"", boolean, true).empty());
    CHECK(world.fault("count(lines) > 0 and customer.region = \"east\"", boolean, true).empty());
    CHECK(world.fault("ratio > 1 or amount / 2 > 3", boolean, true).substr(0, 22) == "feel.null.condition@14");
    CHECK(world.fault("every l in lines satisfies l.amount > 1", boolean, true).empty());
    CHECK(world.fault("sum(lines.amount) > 1", boolean, true).substr(0, 21) == "feel.null.condition@1");
}

TEST_CASE("feel: queries take their parameters out of the filter") {
    World world;
    auto expression =
        world.compile("records.order[customer = this.customer and status = \"open\" and amount >= settings.limit * 2]");
    REQUIRE(expression);
    REQUIRE(expression->queries().size() == 1);
    const feel::CollectionQuery& query = *expression->queries()[0];
    CHECK(query.entity == kOrder);
    CHECK(query.filter != nullptr);
    CHECK(query.parameters.size() == 2);
    feel::Frame frame = world.frame();
    Value value = expression->evaluate(frame);
    REQUIRE(value.kind == Kind::list);
    CHECK(value.aux == 1);
    REQUIRE(world.environment.parameters.size() == 2);
    CHECK(world.environment.parameters[0].kind == Kind::record);
    CHECK(value::to_text(world.environment.parameters[1]) == "1000.00");
    CHECK(world.environment.want == feel::CollectionQuery::Want::list);

    expression = world.compile("count(records.order[status = \"won\"])");
    REQUIRE(expression);
    CHECK(value::to_text(expression->evaluate(frame)) == "1");
    CHECK(world.environment.want == feel::CollectionQuery::Want::count);
    world.environment.count_answer = 42;
    CHECK(value::to_text(expression->evaluate(frame)) == "42");
    world.environment.count_answer = -1;
    world.environment.filters = true;
    CHECK(value::to_text(expression->evaluate(frame)) == "1");  // the host's list is not filtered again
    world.environment.filters = false;

    expression = world.compile("count(records.order)");
    REQUIRE(expression);
    CHECK(expression->queries()[0]->filter == nullptr);
    CHECK(value::to_text(expression->evaluate(frame)) == "2");
    CHECK(world.show("sum(records.order.ratio)") == "1.8000");
    CHECK(world.show(
              "count(records.order[status in [\"open\", \"won\"] and placed_on in [date(2026,1,1)..today()]])") == "2");
    CHECK(world.environment.parameters.size() == 2);  // the two ends: the list's texts are literals
}

TEST_CASE("feel: reads") {
    World world;
    auto reads = [&](std::string_view source) {
        auto expression = world.compile(source);
        REQUIRE(expression);
        return expression->reads();
    };
    auto has = [](const feel::Reads& all, uint32_t entity, uint32_t field, bool through) {
        return std::any_of(all.fields.begin(), all.fields.end(), [&](const feel::Read& read) {
            return read.entity == entity && read.field == field && read.through_reference == through;
        });
    };
    auto all = reads("customer.name = \"x\" and this.amount > settings.limit");
    CHECK(all.fields.size() == 3);
    CHECK(has(all, kOrder, kBuyer, false));
    CHECK(has(all, kCustomer, 0, true));
    CHECK(has(all, kOrder, kAmount, false));
    CHECK(all.objects == std::vector<uint32_t>{kSettings});
    CHECK_FALSE(all.clock);
    all = reads("count(records.customer[count(orders[status = \"open\"]) > 1]) > 0 or score(this) > 1");
    CHECK(all.collections == std::vector<uint32_t>{kOrder, kCustomer});
    CHECK(has(all, kCustomer, 2, true));
    CHECK(has(all, kOrder, kStatus, true));
    CHECK(all.functions == std::vector<uint32_t>{7});
    CHECK(reads("today() > placed_on").clock);
    CHECK(world.compile("1 + 2")->is_constant());
    CHECK_FALSE(world.compile("1 + ratio")->is_constant());
    CHECK_FALSE(world.compile("today()")->is_constant());
    CHECK_FALSE(world.compile("count(records.order)")->is_constant());
}

TEST_CASE("feel: places in texts of several lines") {
    World world;
    Text text;
    text.text = "amount > 3 and\n  \"中文\" = note and\n  amuont < 4";
    text.span.source = 1;
    text.span.begin = {10, 5};
    text.line_starts = {{10, 5}, {11, 3}, {12, 3}};
    CHECK_FALSE(feel::compile(text, world.scope, {}, world.diagnostics));
    REQUIRE(world.diagnostics.all().size() == 1);
    const Diagnostic& fault = world.diagnostics.all()[0];
    CHECK(fault.span.begin.line == 12);
    CHECK(fault.span.begin.column == 5);
    CHECK(fault.span.end.column == 11);

    world.diagnostics = {};
    text.text = "{amount}\n中文 {amuont:money}";
    CHECK_FALSE(feel::compile_template(text, world.scope, {}, world.diagnostics));
    REQUIRE(world.diagnostics.all().size() == 1);
    CHECK(world.diagnostics.all()[0].span.begin.line == 11);
    CHECK(world.diagnostics.all()[0].span.begin.column == 7);
}

TEST_CASE("feel: all faults of an expression at once") {
    World world;
    world.fault("amuont > 3 and status = \"opne\" and lines = 3 and foo(1)");
    CHECK(world.diagnostics.all().size() == 4);
}

TEST_CASE("feel: a pattern that is none is found at load") {
    World world;
    CHECK(world.fault("matches(note, \"[a\")") == "feel.regex@15");
    CHECK(world.fault("matches(note, \"(?=a)\")").substr(0, 13) == "feel.regex@15");
    CHECK(world.fault("replace(note, \"a*\", \"b\")") == "feel.regex@15");
    CHECK(world.diagnostics.all()[0].message ==
          "the pattern matches a text without characters: nothing can be replaced");
    CHECK(world.fault("split(note, \"\")") == "feel.regex@13");
    CHECK(world.fault("extract(note, \"a\", \"y\")") == "feel.regex@20");
    CHECK(world.fault("matches(pattern: \"a)\", input: note)").substr(0, 11) == "feel.regex@");
    for (const char* source :
         {"matches(note, \"a*\")", "extract(note, \"a*\")", "matches(note, note)", "replace(note, \"a\", \"b\", note)",
          "split(note, \"[,;]\")", "matches(note, \"[a\", \"q\")"})
        CHECK(world.fault(source).empty());
}
