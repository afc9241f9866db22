// Questions over records and over rights: query, view, may, who-may, explain-sql; and share.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

#include "shell/answer.hpp"
#include "shell/shell.hpp"

namespace leat::shell {

namespace {

struct Arguments {
    std::string entity, key, field, user, right, holder, expression;
    std::string where, search, after;
    std::vector<std::string> sort, fields, group, measures;
    std::int64_t limit = 0;
};

std::string json_list(const std::vector<std::string>& items) {
    std::string out;
    for (const auto& item : items) out += (out.empty() ? "" : ",") + json_text(item);
    return "[" + out + "]";
}

// NAME=MEASURE pairs.
std::string measures_of(const std::vector<std::string>& pairs) {
    std::string out;
    for (const auto& pair : pairs) {
        size_t equals = pair.find('=');
        std::string name = pair.substr(0, equals),
                    measure = equals == std::string::npos ? pair : pair.substr(equals + 1);
        out += (out.empty() ? "" : ",") + json_text(name) + ":" + json_text(measure);
    }
    return "{" + out + "}";
}

std::string query_of(const Arguments& given) {
    std::string out;
    auto add = [&](const char* name, const std::string& json) {
        out += fmt::format("{}\"{}\":{}", out.empty() ? "" : ",", name, json);
    };
    if (!given.where.empty()) add("where", json_text(given.where));
    if (!given.search.empty()) add("search", json_text(given.search));
    if (!given.sort.empty()) add("sort", json_list(given.sort));
    if (!given.fields.empty()) add("fields", json_list(given.fields));
    if (!given.group.empty()) add("group", json_list(given.group));
    if (!given.measures.empty()) add("measures", measures_of(given.measures));
    if (!given.after.empty()) add("after", json_text(given.after));
    if (given.limit != 0) add("limit", std::to_string(given.limit));
    return "{" + out + "}";
}

void print_rows(const rapidjson::Value& rows) {
    std::vector<const char*> names;
    if (!rows.Empty())
        for (const auto& one : rows[0].GetObject())
            if (!one.value.IsArray()) names.push_back(one.name.GetString());
    table_of(rows, names).print();
}

void print_query(const rapidjson::Document& answer) {
    if (answer.HasMember("groups")) {
        print_rows(answer["groups"]);
        if (member(answer, "more") == "true") fmt::print("there are more: --limit\n");
        return;
    }
    print_rows(answer["records"]);
    if (!answer["next"].IsNull()) fmt::print("more: --after {}\n", cell(answer["next"]));
}

void print_view(const rapidjson::Document& view) {
    fmt::print("{} {}", member(view, "entity"), member(view, "key"));
    if (member(view, "title") != member(view, "key")) fmt::print("  {}", member(view, "title"));
    fmt::print("\n");
    for (const auto& state : view["states"].GetArray())
        fmt::print("{}: {}\n", member(state, "flow"), member(state, "state"));
    Table fields;
    fields.header = {"field", "value"};
    for (const auto& one : view["record"].GetObject())
        if (!one.value.IsArray() || one.value.Empty() || !one.value[0].IsObject())
            fields.rows.push_back({one.name.GetString(), cell(one.value)});
    fields.print();
    for (const auto& one : view["record"].GetObject()) {
        if (!one.value.IsArray() || one.value.Empty() || !one.value[0].IsObject()) continue;
        fmt::print("\n{}\n", one.name.GetString());
        print_rows(one.value);
    }
    for (const auto& one : view["references"].GetArray())
        fmt::print("\n{}: {} {}\n", member(one, "field"), member(one, "entity"), member(one["record"], "key"));
    for (const auto& one : view["referring"].GetArray()) {
        fmt::print("\n{} by {}{}\n", member(one, "entity"), member(one, "field"),
                   member(one, "more") == "true" ? " (there are more)" : "");
        print_rows(one["records"]);
    }
    if (!view["tasks"].Empty()) {
        fmt::print("\ntasks\n");
        table_of(view["tasks"], {"task", "title", "status", "user", "role", "outcome", "decided_by", "due"}).print();
    }
    if (!view["timeline"].Empty()) {
        fmt::print("\ntimeline\n");
        Table table;
        table.header = {"time", "what", "by", "text"};
        for (const auto& one : view["timeline"].GetArray()) {
            bool change = member(one, "what") == "change";
            std::string text = member(one, "text");
            if (change)
                for (const auto& segment : one["changes"].GetArray()) {
                    if (!segment.HasMember("changes")) {
                        text += text.empty() ? "(erased)" : "; (erased)";
                        continue;
                    }
                    for (const auto& field : segment["changes"].GetObject())
                        text += fmt::format("{}{}: {} -> {}", text.empty() ? "" : "; ", field.name.GetString(),
                                            cell(field.value[0]), cell(field.value[1]));
                }
            table.rows.push_back({member(one, "time").substr(0, 19), member(one, "what"),
                                  change ? actor_of(one) : member(one, "by"), text});
        }
        table.print();
    }
}

void print_because(const rapidjson::Value& because, const std::string& indent) {
    for (const auto& one : because.GetArray()) {
        std::string line;
        for (const auto& part : one.GetObject()) {
            if (std::string_view(part.name.GetString()) == "values") continue;
            line += fmt::format("{}{} {}", line.empty() ? "" : ", ", part.name.GetString(), cell(part.value));
        }
        fmt::print("{}{}\n", indent, line);
        if (!one.HasMember("values")) continue;
        std::string values;
        for (const auto& value : one["values"].GetObject())
            values += fmt::format("{}{} = {}", values.empty() ? "" : ", ", value.name.GetString(),
                                  value.value.IsNull() ? "(empty)" : cell(value.value));
        if (!values.empty()) fmt::print("{}  where {}\n", indent, values);
    }
}

std::string verdict(const rapidjson::Value& one) {
    return one["may"].IsNull() ? "it depends" : member(one, "may") == "true" ? "yes" : "no";
}

void print_may(const rapidjson::Document& answer) {
    fmt::print("{}\n", verdict(answer));
    print_because(answer["because"], "  ");
}

void print_who(const rapidjson::Document& answer) {
    for (const auto& one : answer["users"].GetArray()) {
        fmt::print("{} {}: {}\n", member(one, "user"), member(one, "name"), verdict(one));
        print_because(one["because"], "  ");
    }
    if (answer["users"].Empty()) fmt::print("nobody\n");
}

void print_sql(const rapidjson::Document& answer) {
    for (const auto& query : answer["queries"].GetArray()) {
        fmt::print("{}\n  {}\n", member(query, "entity"), member(query, "sql"));
        for (const auto& step : query["plan"].GetArray()) fmt::print("  - {}\n", cell(step));
        for (const auto& part : query["engine"].GetArray())
            fmt::print("  in the engine: {}{}{}\n", member(part, "text"), member(part, "text").empty() ? "" : ": ",
                       member(part, "why"));
    }
    if (answer["queries"].Empty()) fmt::print("no collection is asked for\n");
}

using Print = void (*)(const rapidjson::Document&);
using Ask = std::function<std::string(Session&)>;

void run(const Invocation& invocation, const Ask& ask, Print print) {
    Engine engine = open_to_read(invocation);
    Session session = open_session(engine, invocation);
    std::string json = ask(session);
    if (invocation.json)
        fmt::print("{}\n", json);
    else
        print(parse(json));
}

CLI::App* command(CLI::App& app, Invocation& invocation, const char* name, const char* description) {
    CLI::App* sub = app.add_subcommand(name, description);
    sub->add_option("database", invocation.database, "the file")->required();
    return sub;
}

void add_rights(CLI::App& app, Invocation& invocation, const std::shared_ptr<Arguments>& given) {
    CLI::App* may = command(app, invocation, "may", "whether a user may, and why");
    may->add_option("user", given->user)->required();
    may->add_option("right", given->right, "read, write, add, delete, export, print, share or 'send EVENT'")
        ->required();
    may->add_option("entity", given->entity)->required();
    may->add_option("key", given->key, "without it: any record");
    may->add_option("field", given->field);
    may->callback([=, &invocation] {
        run(
            invocation,
            [&](Session& s) { return s.may(given->user, given->right, given->entity, given->key, given->field); },
            print_may);
    });

    CLI::App* who = command(app, invocation, "who-may", "everybody who may, and why");
    who->add_option("right", given->right)->required();
    who->add_option("entity", given->entity)->required();
    who->add_option("key", given->key, "without it: any record");
    who->add_option("field", given->field);
    who->callback([=, &invocation] {
        run(
            invocation, [&](Session& s) { return s.who_may(given->right, given->entity, given->key, given->field); },
            print_who);
    });

    CLI::App* share = command(app, invocation, "share", "open a record to somebody");
    share->add_option("entity", given->entity)->required();
    share->add_option("key", given->key)->required();
    share->add_option("holder", given->holder, "user:KEY or role:NAME")->required();
    share->add_option("right", given->right, "read, write, or none to revoke it")->required();
    share->callback([=, &invocation] {
        Engine engine = open_engine(invocation);
        Session session = open_session(engine, invocation);
        print_outcome(invocation, session.share(given->entity, given->key, given->holder, given->right));
    });
}

}  // namespace

Engine open_to_read(const Invocation& invocation) {
    return open_engine(invocation, LEAT_ENGINE_NO_CREATE | (invocation.by.empty() ? LEAT_ENGINE_READ_ONLY : 0));
}

Session open_session(Engine& engine, const Invocation& invocation) {
    Session session =
        invocation.by.empty() ? engine.session(invocation.actor) : engine.session(invocation.by, invocation.actor);
    if (!invocation.language.empty()) session.set_language(invocation.language);
    return session;
}

void add_access_commands(CLI::App& app, Invocation& invocation) {
    auto given = std::make_shared<Arguments>();
    CLI::App* query = command(app, invocation, "query", "records by condition, search and order, or groups of them");
    query->add_option("entity", given->entity)->required();
    query->add_option("--where", given->where, "a FEEL condition over the record");
    query->add_option("--search", given->search, "words of the full text");
    query->add_option("--sort", given->sort, "fields, '-' before one descends")->delimiter(',');
    query->add_option("--fields", given->fields, "these only, as in 'key,amount,customer.name'")->delimiter(',');
    query->add_option("--group", given->group, "fields to group by")->delimiter(',');
    query->add_option("--measure", given->measures, "NAME=count, NAME=sum(FIELD) … of each group");
    query->add_option("--after", given->after, "go on behind the page that ended with this");
    query->add_option("--limit", given->limit);
    query->callback([=, &invocation] {
        run(
            invocation, [&](Session& s) { return s.query(given->entity, query_of(*given)); }, print_query);
    });

    CLI::App* view = command(app, invocation, "view", "a record with all around it");
    view->add_option("entity", given->entity)->required();
    view->add_option("key", given->key)->required();
    view->add_option("--limit", given->limit, "of each list");
    view->callback([=, &invocation] {
        run(
            invocation, [&](Session& s) { return s.view(given->entity, given->key, given->limit); }, print_view);
    });

    CLI::App* sql = command(app, invocation, "explain-sql", "what SQL a condition or collection becomes");
    sql->add_option("expression", given->expression, "FEEL")->required();
    sql->add_option("--entity", given->entity, "whose records the condition is over");
    sql->callback([=, &invocation] {
        run(
            invocation, [&](Session& s) { return s.explain_sql(given->entity, given->expression); }, print_sql);
    });
    add_rights(app, invocation, given);
}

}  // namespace leat::shell
