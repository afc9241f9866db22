// Imports and exports of a session: what they are asked for.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "exchange/import.hpp"

namespace leat::engine {

struct ImportOptions {
    std::string_view text;  // the table, or
    std::string path;       // the file that holds it, plain or compressed with gzip
    exchange::Format format = exchange::Format::csv;
    std::string_view mapping;     // JSON, docs/import.md
    std::string job;              // "": made of the source, the mapping and the entity
    std::string report;           // a file for the rejected rows; "": none
    uint64_t chunk = 0;           // records a transaction; 0: 1,000
    bool dry_run = false;         // everything is checked, nothing is kept
    bool all_or_nothing = false;  // one transaction, and none of it where a row is rejected
    bool restart = false;         // forget how far this job had come
    // After each transaction, with {"job","rows","records","created","changed","unchanged","rejected"}; an error stops
    // the import, what is committed stays. Not asked inside a transaction of ours.
    std::function<Result<void>(const std::string& json)> progress;
};

struct ExportOptions {
    exchange::Format format = exchange::Format::csv;
    std::vector<std::string> fields;  // "amount", "key", "lines.code" (CSV); empty: all that can be imported again
    std::string where;                // a FEEL condition over the record; "": all
    std::vector<std::string> sort;    // fields, "-" before one that descends; empty: creation order
    std::string path;                 // a file, put in its place once the export is logged; "" with `sink`
    bool byte_order_mark = false;
    bool unguarded = false;  // texts that a spreadsheet would run stand as they are
    // Takes the bytes in pieces, in order. An error stops the export.
    std::function<Result<void>(std::string_view bytes)> sink;
};

}  // namespace leat::engine
