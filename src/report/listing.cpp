#include "report/listing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.hpp"
#include "record/column.hpp"
#include "report/column_order.hpp"
#include "report/listing_parts.hpp"

namespace leat::report {

using query::Parameter;
using record::Position;
using record::Records;
using record::Row;

namespace {

// A page's end as a text for the next one: hexadecimal, so that it goes through shells and addresses unchanged.
std::string token_of(const Position& position) {
    std::string json;
    JsonWriter writer(json);
    writer.begin_array().number(position.id);
    for (const Parameter& key : position.keys) {
        if (key.kind == Parameter::Kind::null)
            writer.null();
        else if (key.kind == Parameter::Kind::integer)
            writer.number(key.integer);
        else
            writer.string(key.text);
    }
    writer.end_array();
    return base::to_hex(reinterpret_cast<const uint8_t*>(json.data()), json.size());
}

Error bad_token() {
    return make_error(Status::usage, "query.after",
                      "'after' is no place in this order: give the text that 'next' was, with the same 'sort'");
}

std::optional<std::string> from_hex(std::string_view hex) {
    auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
    std::string out;
    if (hex.size() % 2 != 0) return std::nullopt;
    for (size_t i = 0; i < hex.size(); i += 2) {
        int high = digit(hex[i]), low = digit(hex[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
    }
    return out;
}

Result<Position> position_of(const std::string& token, size_t keys, Arena& arena) {
    Position out;
    if (token.empty()) return out;
    auto text = from_hex(token);
    if (!text) return bad_token();
    auto json = parse_json(*text);
    if (!json || json->kind != Json::Kind::array || json->items.size() != keys + 1) return bad_token();
    for (size_t i = 0; i < json->items.size(); ++i) {
        const Json& item = json->items[i];
        Parameter key;
        if (item.kind == Json::Kind::number) {
            auto number = Decimal::parse(item.text);
            auto whole = number ? number->to_int64() : std::nullopt;
            if (!whole) return bad_token();
            key = Parameter::of(*whole);
        } else if (item.kind == Json::Kind::string) {
            key = Parameter::of(arena.copy(item.text));
        } else if (!item.is_null()) {
            return bad_token();
        }
        if (i > 0)
            out.keys.push_back(key);
        else if (key.kind == Parameter::Kind::integer && key.integer > 0)
            out.id = key.integer;
        else
            return bad_token();
    }
    return out;
}

class Pages {
 public:
    Pages(Records& records, const Listing& listing, const query::AccessScope& scope, std::string& out)
        : records_(records), listing_(listing), scope_(scope), json_(out) {
        for (const NamedPath& field : listing.fields) paths_.push_back(field.path);
    }

    Result<void> write(const record::ScanOptions& options, bool sorts) {
        json_.begin_object().key("records").begin_array();
        LEAT_TRY(Position after, position_of(listing_.after, listing_.sort.size(), records_.arena()));
        LEAT_CHECK(sorts ? in_order(options, after) : sorted(options, after));
        json_.end_array().key("next");
        if (more_)
            json_.string(token_of(last_));
        else
            json_.null();
        json_.end_object();
        return {};
    }

 private:
    Result<void> append(Row& row) {
        std::string text;
        auto done =
            paths_.empty() ? records_.append_json(row, scope_, text) : records_.append_json(row, scope_, paths_, text);
        LEAT_CHECK(std::move(done));
        json_.raw(text);
        return {};
    }

    // SQLite has the order: rows come as they are wanted.
    Result<void> in_order(record::ScanOptions options, const Position& after) {
        options.after = after;
        options.page_rows = std::min<int64_t>(500, listing_.limit + 1);
        int64_t count = 0;
        Result<void> inner;
        auto done = records_.scan(listing_.entity->id, options, scope_, [&](Row& row) {
            if (count == listing_.limit) {
                more_ = true;
                return false;
            }
            ++count;
            inner = append(row);
            if (!inner) return false;
            auto at = records_.position(row, options.order);
            if (!at) {
                inner = std::move(at.error());
                return false;
            }
            last_ = std::move(*at);
            return true;
        });
        if (!inner) return inner;
        return done;
    }

    // The order is the engine's: by what the reader may see of each row.
    Result<void> sorted(record::ScanOptions options, const Position& after) {
        std::vector<std::pair<Position, Row*>> rows;
        Result<void> inner;
        options.order.clear();
        auto done = records_.scan(listing_.entity->id, options, scope_, [&](Row& row) {
            Position at;
            at.id = row.id;
            for (const ListingSort& key : listing_.sort) {
                auto value = records_.value_at(row, key.by.path, scope_);
                if (!value) {
                    inner = std::move(value.error());
                    return false;
                }
                at.keys.push_back(order_key(records_.field_at(listing_.entity->id, key.by.path), *value));
            }
            rows.emplace_back(std::move(at), &row);
            return true;
        });
        if (!inner) return inner;
        LEAT_CHECK(std::move(done));
        auto before = [&](const Position& a, const Position& b) {
            for (size_t i = 0; i < a.keys.size(); ++i) {
                auto order = in_column_order(a.keys[i], b.keys[i]);
                if (order != 0) return listing_.sort[i].descending ? order > 0 : order < 0;
            }
            return a.id < b.id;
        };
        std::sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) { return before(a.first, b.first); });
        auto at = rows.begin();
        if (after.id != 0)
            at = std::partition_point(rows.begin(), rows.end(),
                                      [&](const auto& row) { return !before(after, row.first); });
        for (int64_t count = 0; at != rows.end(); ++at, ++count) {
            if (count == listing_.limit) {
                more_ = true;
                return {};
            }
            LEAT_CHECK(append(*at->second));
            last_ = at->first;
        }
        return {};
    }

    // As the column would order; wide numbers, whose column does not, as texts of one length that do.
    Parameter order_key(const program::Field& field, const Value& value) {
        if (!field.wide || value.kind != Kind::number)
            return record::to_column(records_.program(), field, value, records_.arena());
        auto units = value.as_number().rescale(field.scale);
        __int128 left = units ? units->coefficient() : 0;
        const bool negative = left < 0;
        if (negative) left = -left;
        std::string text(Decimal::kDigitsMax + 1, '0');
        for (size_t i = text.size(); i-- > 0; left /= 10) {
            const int digit = static_cast<int>(left % 10);
            text[i] = static_cast<char>(negative ? '9' - digit : '0' + digit);
        }
        return Parameter::of(records_.arena().copy((negative ? "-" : "0") + text));
    }

    Records& records_;
    const Listing& listing_;
    const query::AccessScope& scope_;
    JsonWriter json_;
    std::vector<record::Path> paths_;
    bool more_ = false;
    Position last_;
};

// What is read of every row, so that it is fetched for a page at once.
std::vector<program::FieldId> wanted(const Listing& listing) {
    std::vector<program::FieldId> out;
    auto add = [&](const NamedPath& path) {
        out.push_back(path.path.through == program::kNone ? path.path.field : path.path.through);
    };
    for (const auto& sort : listing.sort)
        if (!listing.grouped) add(sort.by);
    for (const auto& group : listing.group) add(group);
    for (const auto& measure : listing.measures) add(measure.of);
    for (const auto& field : listing.fields) add(field);
    if (!listing.grouped && listing.fields.empty())
        for (const auto& field : listing.entity->fields)
            if (field.kind == program::FieldKind::ref || field.owned) out.push_back(field.id);
    return out;
}

}  // namespace

Result<std::string> answer(Records& records, const program::Entity& entity, std::string_view query_json,
                           const Value* locals, const query::AccessScope& scope) {
    LEAT_TRY(Listing listing, read_listing(records, entity, query_json));
    record::ScanOptions options;
    options.where = listing.where.get();
    options.locals = locals;
    options.search = listing.search;
    options.wanted = wanted(listing);
    std::string out;
    if (listing.grouped) {
        LEAT_CHECK(answer_groups(records, listing, options, scope, out));
        return out;
    }
    bool sorts = true;
    for (const ListingSort& key : listing.sort) {
        sorts = sorts && records.sorts(entity.id, key.by.path, scope);
        options.order.push_back({key.by.path, key.descending});
    }
    LEAT_CHECK(Pages(records, listing, scope, out).write(options, sorts));
    return out;
}

}  // namespace leat::report
