#include "journal/load.hpp"

#include <algorithm>
#include <charconv>

namespace leat::journal {

Result<void> create_load_tables(store::Connection& connection) {
    return connection.execute(
        "CREATE TABLE IF NOT EXISTS leat_load(sequence INTEGER PRIMARY KEY, entity TEXT NOT NULL, first INTEGER NOT "
        "NULL, last INTEGER NOT NULL, salt BLOB) STRICT");
}

Result<void> put_load(store::Connection& connection, const Load& load) {
    LEAT_TRY(auto put, connection.prepare("INSERT INTO leat_load(sequence, entity, first, last, salt) VALUES (?1, ?2, "
                                          "?3, ?4, ?5)"));
    put.bind(1, load.sequence);
    put.bind(2, load.entity);
    put.bind(3, load.first);
    put.bind(4, load.last);
    put.bind_blob(5, load.salt);
    LEAT_CHECK(put.step());
    return {};
}

Result<std::vector<Load>> loads(store::Connection& connection) {
    LEAT_TRY(auto rows, connection.prepare("SELECT sequence, entity, first, last, salt FROM leat_load ORDER BY "
                                           "sequence"));
    std::vector<Load> out;
    while (true) {
        LEAT_TRY(bool more, rows.step());
        if (!more) return out;
        out.push_back(
            {rows.integer(0), std::string(rows.text(1)), rows.integer(2), rows.integer(3), std::string(rows.blob(4))});
    }
}

Result<void> forget_load(store::Connection& connection, std::string_view entity, int64_t id) {
    LEAT_TRY(auto forget, connection.prepare("UPDATE leat_load SET salt = NULL WHERE entity = ?1 AND first <= ?2 AND "
                                             "last >= ?2"));
    forget.bind(1, entity);
    forget.bind(2, id);
    LEAT_CHECK(forget.step());
    return {};
}

Result<void> forget_loads(store::Connection& connection, std::string_view entity) {
    LEAT_TRY(auto forget, connection.prepare("UPDATE leat_load SET salt = NULL WHERE entity = ?1"));
    forget.bind(1, entity);
    LEAT_CHECK(forget.step());
    return {};
}

static int64_t number_of(const Json* json) {
    int64_t number = -1;
    if (json) std::from_chars(json->text.data(), json->text.data() + json->text.size(), number);
    return number;
}

bool loaded(const Json& segment, const std::vector<std::string>& entities, int64_t id) {
    const Json* operation = segment.find("op");
    const Json* of = segment.find("entity");
    const Json* changes = segment.find("changes");
    if (!operation || operation->text != "load" || !of || !changes ||
        std::find(entities.begin(), entities.end(), of->text) == entities.end())
        return false;
    return number_of(changes->find("first")) <= id && id <= number_of(changes->find("last"));
}

}  // namespace leat::journal
