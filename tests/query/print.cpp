// What the one printer prints, and that SQLite takes it and answers as FEEL would.
#include "catch.hpp"
#include "query/access_scope.hpp"
#include "query/select.hpp"
#include "query/table.hpp"
#include "store/store.hpp"

using namespace leat;
using namespace leat::query;

namespace {

Predicate compare(Op op, std::string_view column, Parameter parameter) {
    Predicate p;
    p.op = op;
    p.left.column = Column{column, {}, {}};
    p.right.parameter = parameter;
    return p;
}

Predicate join(Op op, std::vector<Predicate> children) {
    Predicate p;
    p.op = op;
    p.children = std::move(children);
    return p;
}

std::string text_of(const Select& select) {
    std::string sql;
    std::vector<Parameter> parameters;
    print(select, sql, parameters);
    return sql;
}

TableDefinition table() {
    TableDefinition out;
    out.name = "or\"der";
    using C = ColumnDefinition;
    out.columns = {{"id", C::Type::integer, true, "", C::Show::plain, 0},
                   {"名称", C::Type::text, false, "", C::Show::plain, 0},
                   {"price", C::Type::integer, false, "", C::Show::scaled, 2},
                   {"parent", C::Type::integer, false, "or\"der", C::Show::plain, 0}};
    out.indexes = {{"or_i", {"名称", "price"}, false}};
    return out;
}

class Database {
 public:
    Database() {
        store::OpenOptions options;
        options.path = ":memory:";
        connection = std::move(*store::Connection::open(options));
        for (const std::string& sql : {print_create_table(table()), print_create_index(table(), table().indexes[0]),
                                       print_create_view(table())}) {
            INFO(sql);
            auto done = connection->execute(sql);
            REQUIRE(done);
        }
        std::vector<std::string_view> names = {"id", "名称", "price", "parent"};
        for (int i = 1; i <= 4; ++i) {
            auto insert = connection->prepare(print_insert("or\"der", names));
            REQUIRE(insert);
            query::bind(*insert, {Parameter::of(int64_t{i}),
                                  i == 3 ? Parameter{} : Parameter::of(std::string_view(i % 2 ? "一" : "二")),
                                  i == 4 ? Parameter{} : Parameter::of(int64_t{i * 5 - 11}),
                                  i > 1 ? Parameter::of(int64_t{1}) : Parameter{}});
            REQUIRE(insert->step());
        }
    }
    std::string ids(Predicate where) {
        Select select;
        select.table = "or\"der";
        select.columns = {"id"};
        select.where = std::move(where);
        return run(select);
    }
    std::string run(const Select& select) {
        std::string sql, out;
        std::vector<Parameter> parameters;
        print(select, sql, parameters);
        INFO(sql);
        auto statement = connection->prepare(sql);
        REQUIRE(statement);
        query::bind(*statement, parameters);
        while (*statement->step()) out += statement->text(0);
        return out;
    }
    std::unique_ptr<store::Connection> connection;
};

}  // namespace

TEST_CASE("a select is printed with quoted names and numbered parameters") {
    Select select;
    select.table = "order";
    select.columns = {"id", "a\"b"};
    CHECK(text_of(select) == "SELECT t.\"id\", t.\"a\"\"b\" FROM \"order\" AS t ORDER BY t.\"id\"");
    select.where = join(
        Op::all, {compare(Op::equal, "x", Parameter::of(int64_t{1})),
                  join(Op::negate, {join(Op::any, {compare(Op::less, "y", Parameter::of(std::string_view("z")))})})});
    select.order = {{{"x", {}, {}}, true}};
    select.after_id = 7;
    select.limit = 10;
    CHECK(text_of(select) ==
          "SELECT t.\"id\", t.\"a\"\"b\" FROM \"order\" AS t WHERE ((t.\"x\" IS ?1) AND NOT ((t.\"y\" < ?2))) AND "
          "t.\"id\" > ?3 "
          "ORDER BY t.\"x\" DESC, t.\"id\" LIMIT ?4");
    select.count = true;
    select.after_id.reset();
    select.limit.reset();
    select.where = compare(Op::not_equal, "city", {});
    select.where.left.column = Column{"city", "customer", "customer"};
    CHECK(text_of(select) ==
          "SELECT count(*) FROM \"order\" AS t WHERE ((SELECT r.\"city\" FROM \"customer\" AS r WHERE r.\"id\" = "
          "t.\"customer\") IS NOT ?1)");
}

TEST_CASE("nulls answer as FEEL's do") {
    Database db;
    auto text = [](std::string_view t) { return Parameter::of(t); };
    auto number = [](int64_t n) { return Parameter::of(n); };
    CHECK(db.ids({}) == "1234");
    CHECK(db.ids(compare(Op::equal, "名称", {})) == "3");
    CHECK(db.ids(compare(Op::not_equal, "名称", text("一"))) == "234");
    CHECK(db.ids(join(Op::negate, {compare(Op::equal, "名称", text("一"))})) == "234");
    CHECK(db.ids(compare(Op::less, "price", number(0))) == "12");
    CHECK(db.ids(join(Op::negate, {compare(Op::less, "price", number(0))})) == "3");
    CHECK(db.ids(compare(Op::less, "price", {})).empty());
    CHECK(db.ids(join(Op::any, {})).empty());
    Predicate unknown;
    unknown.op = Op::unknown;
    CHECK(db.ids(unknown).empty());
    CHECK(db.ids(join(Op::negate, {unknown})).empty());
    CHECK(db.ids(join(Op::any, {unknown, compare(Op::equal, "id", number(2))})) == "2");
    CHECK(db.ids(compare(Op::contains, "名称", text("二"))) == "24");
    CHECK(db.ids(compare(Op::starts_with, "名称", text(""))) == "124");
    Predicate through = compare(Op::equal, "名称", text("一"));
    through.left.column = Column{"名称", "parent", "or\"der"};
    CHECK(db.ids(through) == "234");
}

TEST_CASE("views show scaled integers as decimals, writes touch what they name") {
    Database db;
    auto first =
        db.connection->prepare("SELECT group_concat(price, ' ') FROM (SELECT price FROM \"or\"\"der_v\" ORDER BY id)");
    REQUIRE(first);
    REQUIRE(*first->step());
    CHECK(first->text(0) == "-0.06 -0.01 0.04");
    std::vector<std::string_view> columns = {"price"};
    {
        auto update = db.connection->prepare(print_update("or\"der", columns));
        REQUIRE(update);
        query::bind(*update, {Parameter::of(int64_t{100}), Parameter::of(int64_t{2})});
        REQUIRE(update->step());
    }
    CHECK(db.ids(compare(Op::equal, "price", Parameter::of(int64_t{100}))) == "2");
    auto duplicate = db.connection->prepare(print_duplicate("or\"der", columns));
    REQUIRE(duplicate);
    query::bind(*duplicate, {Parameter::of(int64_t{100}), Parameter::of(int64_t{1})});
    CHECK(*duplicate->step());
    auto remove = db.connection->prepare(print_delete("or\"der"));
    REQUIRE(remove);
    remove->bind(1, int64_t{4});
    REQUIRE(remove->step());
    auto greatest = db.connection->prepare(print_max_id("or\"der"));
    REQUIRE(*greatest->step());
    CHECK(greatest->integer(0) == 3);
    REQUIRE(db.connection->execute(print_drop_view(table())));
    REQUIRE(db.connection->execute(print_add_column(
        table(), {"more", ColumnDefinition::Type::text, false, "", ColumnDefinition::Show::plain, 0})));
}

TEST_CASE("a scope knows whose eyes it lends") {
    auto all = AccessScope::everything();
    CHECK(all.sees_everything());
    auto li = AccessScope::of("li", 7, {2, 5});
    CHECK_FALSE(li.sees_everything());
    CHECK(li.has(5));
    CHECK_FALSE(li.has(3));
    CHECK(li.actor() == "li");
    CHECK(li.actor_id() == 7);
    STATIC_REQUIRE_FALSE(std::is_default_constructible_v<AccessScope>);
}
