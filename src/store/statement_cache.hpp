// The prepared statements of one connection, by their text. Inside of the room only.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include <sqlite3.h>

#include "store/store.hpp"

namespace leat::store {

struct CachedStatement {
    sqlite3_stmt* statement = nullptr;
    bool in_use = false;
    bool writes = false;
    bool transient = false;  // a second copy while the first is in use: finalized with its Statement
    uint64_t last_used = 0;
};

struct Connection::Cache {
    // Programs print a bounded set of texts; hosts that ask for ever new ones must not fill the memory.
    static constexpr size_t kStatementsMax = 1'000;
    struct Hash {
        using is_transparent = void;
        size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    std::unordered_map<std::string, CachedStatement, Hash, std::equal_to<>> statements;
    uint64_t uses = 0;
    // Where the text was found last, by the place of the caller's text in memory: a command asks for the same few texts
    // at the same places, and hashing a long one costs more than comparing it.
    struct Recent {
        const std::string* text = nullptr;  // in `statements`
        CachedStatement* cached = nullptr;
    };
    std::array<Recent, 128> recent;

    CachedStatement* find(std::string_view sql);  // nullptr: not there
    void drop_oldest();
    void clear();
};

}  // namespace leat::store
