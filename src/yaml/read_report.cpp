// report, notice.
#include "yaml/sections.hpp"

namespace leat::yaml {

using namespace model;

namespace {

void read_measures(Reader& reader, const Node& node, Report& report) {
    if (!reader.is_map(node, "measures")) return;
    for (const auto& [name, value] : node.entries) {
        Measure measure;
        measure.name = name.text;
        if (value.kind == Node::Kind::map) {
            measure_table().read(reader, value, measure);
        } else {
            measure.formula = reader.feel(value, name.text.text);
        }
        report.measures.push_back(std::move(measure));
    }
}

Key<Report> expressions(const std::string& name, std::vector<GroupBy> Report::*member) {
    return K<Report>::custom(name, schema::map_of("feel"), [=](Reader& r, const Node& n, Report& report) {
        if (!r.is_map(n, name)) return;
        for (const auto& [key, value] : n.entries) (report.*member).push_back({key.text, r.feel(value, key.text.text)});
    });
}

}  // namespace

const Table<Measure>& measure_table() {
    using M = K<Measure>;
    static const Table<Measure> table(
        "a measure", {M::localized("title", &Measure::title), M::required(M::feel("formula", &Measure::formula)),
                      M::text("format", &Measure::format)});
    return table;
}

const Table<Report>& report_table() {
    using R = K<Report>;
    static const Table<Report> table(
        "a report",
        section_keys<Report>(
            "report",
            {R::required(R::text("from", &Report::from)),
             R::custom("params", schema::ref("fields"),
                       [](Reader& r, const Node& n, Report& report) { read_fields(r, n, "params", report.params); }),
             R::feel("where", &Report::where), expressions("group", &Report::group),
             R::custom("measures", schema::map_of("measure"), read_measures), expressions("columns", &Report::columns),
             R::names("sort", &Report::sort), R::integer("limit", &Report::limit), R::text("kind", &Report::kind),
             R::names("stages", &Report::stages)}));
    return table;
}

const Table<Notice>& notice_table() {
    using N = K<Notice>;
    static const Table<Notice> table(
        "a notice",
        section_keys<Notice>("notice",
                             {N::names("channels", &Notice::channels), N::localized("subject", &Notice::subject),
                              N::localized("text", &Notice::text),
                              N::custom("params", schema::ref("fields"), [](Reader& r, const Node& n, Notice& notice) {
                                  read_fields(r, n, "params", notice.params);
                              })}));
    return table;
}

}  // namespace leat::yaml
