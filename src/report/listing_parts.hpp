// What a listing is made of, read from its JSON. Internal to this room.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "record/records.hpp"

namespace leat::report {

struct NamedPath {
    std::string name;  // "customer.name"
    record::Path path;
};

enum class MeasureKind : uint8_t { rows, count, sum, average, min, max };
struct ListingMeasure {
    std::string name;
    MeasureKind kind = MeasureKind::rows;
    NamedPath of;  // of rows: nothing
};

struct ListingSort {
    NamedPath by;  // of groups: only the name
    bool descending = false;
};

struct Listing {
    const program::Entity* entity = nullptr;
    std::unique_ptr<feel::Expression> where;
    std::vector<std::string> search;
    std::vector<ListingSort> sort;
    std::vector<NamedPath> fields;  // empty: as `show` has them
    std::vector<NamedPath> group;
    std::vector<ListingMeasure> measures;
    bool grouped = false;
    int64_t limit = 100;
    std::string after;  // a token
};

Result<Listing> read_listing(record::Records& records, const program::Entity& entity, std::string_view query_json);
// The kind of field that a path ends at.
const program::Field& field_of(const program::Program& program, const program::Entity& entity,
                               const record::Path& path);

Result<void> answer_groups(record::Records& records, const Listing& listing, const record::ScanOptions& options,
                           const query::AccessScope& scope, std::string& out);

}  // namespace leat::report
