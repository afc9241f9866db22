// Shares: single records that were opened to a user or a role, for reading or for writing (leat_share). The engine says
// who may share and logs it; rights (access.cpp) take a share as one more reason why a row may be read or written.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "program/program.hpp"
#include "query/access_scope.hpp"
#include "store/store.hpp"

namespace leat::record {

enum class ShareRight : uint8_t { none, read, write };  // of leat_share: 1 and 2

// "user:12" by the user's row, "role:sales" by name.
std::string holder_of_user(int64_t id);
std::string holder_of_role(std::string_view role);
bool user_of_holder(std::string_view holder, int64_t& id);  // false: it is a role
// All that the scope's actor holds, as a JSON array of holders.
std::string holders_of(const program::Program& program, const query::AccessScope& scope);

struct Share {
    std::string holder;
    ShareRight right = ShareRight::read;
};

// `none` revokes. True: something changed.
Result<bool> set_share(store::Connection& connection, std::string_view entity, int64_t record, std::string_view holder,
                       ShareRight right);
Result<std::vector<Share>> shares_of(store::Connection& connection, std::string_view entity, int64_t record);
// Of an entity that is called otherwise from now on; `to` "": that is gone.
Result<void> move_shares(store::Connection& connection, std::string_view entity, std::string_view to);
Result<void> remove_shares(store::Connection& connection, std::string_view entity, int64_t record);
// What the holders (a JSON array) have on one record, and on all records of an entity.
Result<ShareRight> share_of(store::Connection& connection, std::string_view entity, int64_t record,
                            std::string_view holders);
Result<std::vector<std::pair<int64_t, ShareRight>>> shares_with(store::Connection& connection, std::string_view entity,
                                                                std::string_view holders);

// CREATE TABLE IF NOT EXISTS leat_share.
extern const std::string_view kShareTable;

}  // namespace leat::record
