#include <algorithm>
#include <cassert>

#include "store/statement_cache.hpp"

namespace leat::store {

namespace {

bool too_long(sqlite3* handle, std::string_view sql) {
    return sql.size() > static_cast<size_t>(sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, -1));
}

}  // namespace

void Connection::Cache::drop_oldest() {
    auto oldest = statements.end();
    for (auto at = statements.begin(); at != statements.end(); ++at) {
        if (at->second.in_use) continue;
        if (oldest == statements.end() || at->second.last_used < oldest->second.last_used) oldest = at;
    }
    if (oldest == statements.end()) return;
    recent = {};
    sqlite3_finalize(oldest->second.statement);
    statements.erase(oldest);
}

void Connection::Cache::clear() {
    for (auto& [text, cached] : statements) {
        assert(!cached.in_use);
        sqlite3_finalize(cached.statement);
    }
    recent = {};
    statements.clear();
}

CachedStatement* Connection::Cache::find(std::string_view sql) {
    auto place = reinterpret_cast<uintptr_t>(sql.data());
    Recent& known = recent[(place ^ (place >> 7) ^ sql.size()) % recent.size()];
    if (known.text && *known.text == sql) return known.cached;
    auto found = statements.find(sql);
    if (found == statements.end()) return nullptr;
    known = {&found->first, &found->second};
    return known.cached;
}

Result<Statement> Connection::prepare(std::string_view sql) {
    CachedStatement* found = cache_->find(sql);
    if (found && !found->in_use) {
        found->in_use = true;
        found->last_used = ++cache_->uses;
        return Statement(this, found, found->statement);
    }
    const bool transient = found != nullptr;
    if (too_long(handle_, sql)) return error(SQLITE_TOOBIG, sql.substr(0, 200));
    CachedStatement fresh;
    int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                  transient ? 0 : SQLITE_PREPARE_PERSISTENT, &fresh.statement, nullptr);
    if (code != SQLITE_OK) return error(code, sql);
    if (!fresh.statement)
        return make_error(Status::internal, "store.sql", "an SQL text without a statement was prepared");
    fresh.in_use = true;
    fresh.transient = transient;
    fresh.writes = sqlite3_stmt_readonly(fresh.statement) == 0;
    fresh.last_used = ++cache_->uses;
    CachedStatement* cached;
    if (transient) {
        cached = new CachedStatement(fresh);
    } else {
        if (cache_->statements.size() >= Cache::kStatementsMax) cache_->drop_oldest();
        cached = &cache_->statements.emplace(std::string(sql), fresh).first->second;
    }
    return Statement(this, cached, cached->statement);
}

Result<void> Connection::execute(std::string_view sql) {
    if (too_long(handle_, sql)) return error(SQLITE_TOOBIG, sql.substr(0, 200));
    while (!sql.empty()) {
        if (lost()) return rolled_back();
        sqlite3_stmt* statement = nullptr;
        const char* rest = nullptr;
        int code = sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, &rest);
        if (code != SQLITE_OK) return error(code, sql);
        std::string_view text = sql.substr(0, static_cast<size_t>(rest - sql.data()));
        sql.remove_prefix(text.size());
        if (!statement) continue;  // white space or a comment
        if (sqlite3_stmt_readonly(statement) == 0) {
            if (auto allowed = before_write(); !allowed) {
                sqlite3_finalize(statement);
                return std::move(allowed.error());
            }
        }
        do code = sqlite3_step(statement);
        while (code == SQLITE_ROW);
        if (code != SQLITE_DONE) {
            Error failure = error(code, text);
            sqlite3_finalize(statement);
            return failure;
        }
        sqlite3_finalize(statement);
    }
    return {};
}

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      cached_(other.cached_),
      statement_(other.statement_),
      bind_error_(other.bind_error_),
      running_(other.running_) {
    other.cached_ = nullptr;
    other.statement_ = nullptr;
}

Statement::~Statement() {
    if (!cached_) return;
    if (cached_->transient) {
        sqlite3_finalize(statement_);
        delete cached_;
        return;
    }
    sqlite3_reset(statement_);  // its code repeats the error that step has reported
    sqlite3_clear_bindings(statement_);
    cached_->in_use = false;
}

void Statement::keep(int code) {
    assert(code != SQLITE_RANGE && code != SQLITE_MISUSE);
    if (code != SQLITE_OK && bind_error_ == SQLITE_OK) bind_error_ = code;
}

void Statement::bind(int parameter, int64_t value) {
    keep(sqlite3_bind_int64(statement_, parameter, value));
}

void Statement::bind(int parameter, std::string_view text) {
    const char* data = text.data() ? text.data() : "";  // a null pointer would bind NULL
    keep(sqlite3_bind_text64(statement_, parameter, data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind_blob(int parameter, std::string_view bytes) {
    const char* data = bytes.data() ? bytes.data() : "";
    keep(sqlite3_bind_blob64(statement_, parameter, data, bytes.size(), SQLITE_STATIC));
}

void Statement::bind_null(int parameter) {
    keep(sqlite3_bind_null(statement_, parameter));
}

void Statement::bind_or_null(int parameter, int64_t value) {
    if (value == 0) {
        bind_null(parameter);
    } else {
        bind(parameter, value);
    }
}

Result<bool> Statement::step() {
    if (connection_->watched_ != nullptr && connection_->watched_->load(std::memory_order_relaxed)) {
        reset();
        return connection_->error(SQLITE_INTERRUPT, sqlite3_sql(statement_));
    }
    if (!running_) {
        // A transaction that SQLite has undone must not go on as single statements that commit by themselves.
        if (connection_->lost()) return connection_->rolled_back();
        if (bind_error_ != SQLITE_OK) return connection_->error(bind_error_, sqlite3_sql(statement_));
        if (cached_->writes) LEAT_CHECK(connection_->before_write());
        running_ = true;
        ++connection_->statements_run_;
    }
    int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    running_ = false;
    if (code == SQLITE_DONE) return false;
    Error failure = connection_->error(code, sqlite3_sql(statement_));
    sqlite3_reset(statement_);
    return failure;
}

void Statement::reset() {
    sqlite3_reset(statement_);
    running_ = false;
    bind_error_ = SQLITE_OK;
}

bool Statement::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::string_view Statement::text(int column) const {
    auto data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (!data) return {};
    return {data, static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view Statement::blob(int column) const {
    auto data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    if (!data) return {};
    return {data, static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

int Statement::column_count() const {
    return sqlite3_column_count(statement_);
}

std::string_view Statement::column_name(int column) const {
    const char* name = sqlite3_column_name(statement_, column);
    return name ? name : "";
}

}  // namespace leat::store
