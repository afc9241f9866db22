#include "decision/table.hpp"

#include <utility>

#include "decision/parts.hpp"

namespace leat::decision {

namespace {
constexpr std::pair<std::string_view, Hit> kHits[] = {{"unique", Hit::unique},
                                                      {"any", Hit::any},
                                                      {"first", Hit::first},
                                                      {"priority", Hit::priority},
                                                      {"rule order", Hit::rule_order},
                                                      {"output order", Hit::output_order},
                                                      {"collect", Hit::collect},
                                                      {"collect sum", Hit::collect_sum},
                                                      {"collect min", Hit::collect_min},
                                                      {"collect max", Hit::collect_max},
                                                      {"collect count", Hit::collect_count}};
}  // namespace

bool parse_hit(std::string_view text, Hit& out) {
    for (const auto& [name, hit] : kHits) {
        if (name != text) continue;
        out = hit;
        return true;
    }
    return false;
}

std::string_view hit_name(Hit hit) {
    for (const auto& [name, known] : kHits) {
        if (known == hit) return name;
    }
    return {};
}

Table::Table() : parts_(std::make_unique<Parts>()) {}
Table::~Table() = default;
Table::Table(Table&&) noexcept = default;
Table& Table::operator=(Table&&) noexcept = default;

feel::TypeRef Table::type() const {
    return parts_->type;
}
const TableSource& Table::source() const {
    return parts_->source;
}
const feel::Reads& Table::reads() const {
    return parts_->reads;
}
bool Table::reads_null_unsafe() const {
    return parts_->null_unsafe;
}

size_t Table::index_bytes() const {
    size_t bytes = parts_->index.bytes() + parts_->masks.bytes() + parts_->probe.bytes();
    for (const Column& column : parts_->columns) bytes += column.texts().index_bytes();
    return bytes;
}

size_t Table::cell_bytes() const {
    size_t bytes = parts_->inputs.cells.size() * sizeof(uint32_t);
    for (const Column& column : parts_->columns) bytes += column.bytes();
    return bytes;
}

uint32_t OutputParts::rank_of(const Value& value) const {
    std::string text = value::to_text(value);
    for (uint32_t i = 0; i < allowed->size(); ++i) {
        if ((*allowed)[i] == text) return i;
    }
    return static_cast<uint32_t>(allowed->size());
}

}  // namespace leat::decision
