// The commonest decisions without the machinery of the others: constants in cells and outputs, one row that answers.
#include <bit>
#include <cstring>

#include "decision/parts.hpp"
#include "decision/search.hpp"

namespace leat::decision {

namespace {

constexpr uint32_t kNobody = UINT32_MAX;

// A text that no cell names is looked at here: one of a cell is UTF-8 already.
bool is_ascii(const Value& text) {
    for (uint32_t i = 0; i < text.aux; ++i) {
        if ((static_cast<unsigned char>(text.text[i]) & 0x80) != 0) return false;
    }
    return true;
}

}  // namespace

const Value* Table::quick(const Value* inputs, const uint32_t* of_column) const {
    const Parts& parts = *parts_;
    const bool first = parts.source.hit == Hit::first;
    alignas(Key) unsigned char room[kInline * sizeof(Key)];
    Key* keys = reinterpret_cast<Key*>(room);
    for (size_t c = 0; c < parts.columns.size(); ++c) {
        const Value& value = inputs[of_column[c]];
        const bool text = value.kind == Kind::string;
        if (!parts.asked[c]) {
            if (text && !is_ascii(value)) return nullptr;
            continue;
        }
        Key* key = new (keys + c) Key(parts.columns[c].key_of(value));
        if (key->state != Key::State::key || (text && key->key < 0 && !is_ascii(value))) return nullptr;
    }
    uint32_t found = kNobody;
    bool open = false;  // what only decide() says: rows in conflict, cells that need a closer look
    if (parts.masks.usable()) {
        uint64_t rows = parts.masks.rows(keys);
        if (rows != 0) found = static_cast<uint32_t>(std::countr_zero(rows));
        open = !first && (rows & (rows - 1)) != 0;
    } else {
        Probe::Input input;
        if (!parts.probe.prepare(keys, input)) return nullptr;
        parts.index.candidates(keys, [&](std::span<const Index::Entry> entries) {
            for (const Index::Entry& entry : entries) {
                if (first && entry.row >= found) return;
                Verdict verdict = parts.probe.row(entry.row, entry.bits, input);
                if (verdict == Verdict::no) continue;
                open = open || verdict == Verdict::ask || (!first && found != kNobody);
                found = entry.row;
            }
        });
    }
    if (open) return nullptr;
    if (found == kNobody) return &parts.without_row;
    return &parts.outputs[0].cells[parts.results.row(found)[0]].constant;
}

std::vector<Table::Place> Table::quick_columns() const {
    std::vector<Place> places;
    if (!parts_->quick) return places;
    for (const Column& column : parts_->columns) {
        bool field = column.field >= 0;
        places.push_back({field, static_cast<uint32_t>(field ? column.field : column.local)});
    }
    return places;
}

}  // namespace leat::decision
