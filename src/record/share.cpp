#include "record/share.hpp"

#include <fmt/format.h>

#include "base/json.hpp"

namespace leat::record {

const std::string_view kShareTable =
    "CREATE TABLE IF NOT EXISTS leat_share (entity TEXT NOT NULL, record INTEGER NOT NULL, holder TEXT NOT NULL, "
    "\"right\" INTEGER NOT NULL, PRIMARY KEY (entity, record, holder)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS leat_share_holder_i ON leat_share (holder, entity);";

std::string holder_of_user(int64_t id) {
    return fmt::format("user:{}", id);
}

std::string holder_of_role(std::string_view role) {
    return fmt::format("role:{}", role);
}

bool user_of_holder(std::string_view holder, int64_t& id) {
    constexpr std::string_view kUser = "user:";
    if (holder.substr(0, kUser.size()) != kUser) return false;
    auto number = Decimal::parse(holder.substr(kUser.size()));
    auto whole = number ? number->to_int64() : std::nullopt;
    id = whole.value_or(0);
    return whole.has_value();
}

std::string holders_of(const program::Program& program, const query::AccessScope& scope) {
    std::string out;
    JsonWriter json(out);
    json.begin_array();
    if (scope.actor_id() != 0) json.string(holder_of_user(scope.actor_id()));
    for (uint32_t role : scope.roles()) json.string(holder_of_role(program.roles[role].name));
    json.end_array();
    return out;
}

Result<bool> set_share(store::Connection& connection, std::string_view entity, int64_t record, std::string_view holder,
                       ShareRight right) {
    std::string_view sql =
        right == ShareRight::none
            ? "DELETE FROM leat_share WHERE entity = ?1 AND record = ?2 AND holder = ?3"
            : "INSERT INTO leat_share (entity, record, holder, \"right\") VALUES (?1, ?2, ?3, ?4) "
              "ON CONFLICT DO UPDATE SET \"right\" = excluded.\"right\" WHERE \"right\" <> excluded.\"right\"";
    LEAT_TRY(auto statement, connection.prepare(sql));
    statement.bind(1, entity);
    statement.bind(2, record);
    statement.bind(3, holder);
    if (right != ShareRight::none) statement.bind(4, static_cast<int64_t>(right));
    auto done = statement.step();
    if (!done) return std::move(done.error());
    return connection.changes() > 0;
}

Result<std::vector<Share>> shares_of(store::Connection& connection, std::string_view entity, int64_t record) {
    std::vector<Share> out;
    LEAT_TRY(auto statement,
             connection.prepare(
                 "SELECT holder, \"right\" FROM leat_share WHERE entity = ?1 AND record = ?2 ORDER BY holder"));
    statement.bind(1, entity);
    statement.bind(2, record);
    while (true) {
        LEAT_TRY(bool found, statement.step());
        if (!found) return out;
        out.push_back({std::string(statement.text(0)), static_cast<ShareRight>(statement.integer(1))});
    }
}

Result<void> move_shares(store::Connection& connection, std::string_view entity, std::string_view to) {
    LEAT_TRY(auto statement, connection.prepare(to.empty() ? "DELETE FROM leat_share WHERE entity = ?1"
                                                           : "UPDATE leat_share SET entity = ?2 WHERE entity = ?1"));
    statement.bind(1, entity);
    if (!to.empty()) statement.bind(2, to);
    auto done = statement.step();
    if (!done) return std::move(done.error());
    return {};
}

Result<void> remove_shares(store::Connection& connection, std::string_view entity, int64_t record) {
    LEAT_TRY(auto statement, connection.prepare("DELETE FROM leat_share WHERE entity = ?1 AND record = ?2"));
    statement.bind(1, entity);
    statement.bind(2, record);
    auto done = statement.step();
    if (!done) return std::move(done.error());
    return {};
}

Result<ShareRight> share_of(store::Connection& connection, std::string_view entity, int64_t record,
                            std::string_view holders) {
    LEAT_TRY(auto statement, connection.prepare("SELECT max(\"right\") FROM leat_share WHERE entity = ?1 AND record = "
                                                "?2 AND holder IN (SELECT value FROM json_each(?3))"));
    statement.bind(1, entity);
    statement.bind(2, record);
    statement.bind(3, holders);
    LEAT_TRY(bool found, statement.step());
    if (!found || statement.is_null(0)) return ShareRight::none;
    return static_cast<ShareRight>(statement.integer(0));
}

Result<std::vector<std::pair<int64_t, ShareRight>>> shares_with(store::Connection& connection, std::string_view entity,
                                                                std::string_view holders) {
    std::vector<std::pair<int64_t, ShareRight>> out;
    LEAT_TRY(auto statement, connection.prepare("SELECT record, max(\"right\") FROM leat_share WHERE entity = ?1 AND "
                                                "holder IN (SELECT value FROM json_each(?2)) GROUP BY record"));
    statement.bind(1, entity);
    statement.bind(2, holders);
    while (true) {
        LEAT_TRY(bool found, statement.step());
        if (!found) return out;
        out.emplace_back(statement.integer(0), static_cast<ShareRight>(statement.integer(1)));
    }
}

}  // namespace leat::record
