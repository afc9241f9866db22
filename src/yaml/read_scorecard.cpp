// scorecard, service.
#include "yaml/sections.hpp"

namespace leat::yaml {

using namespace model;

namespace {

void read_attributes(Reader& reader, const Node& node, Characteristic& characteristic) {
    if (!reader.is_list(node, "attributes")) return;
    for (const Node& item : node.items) {
        ScoreAttribute attribute;
        attribute.span = item.span;
        score_attribute_table().read(reader, item, attribute);
        characteristic.attributes.push_back(std::move(attribute));
    }
}

void read_characteristics(Reader& reader, const Node& node, Scorecard& scorecard) {
    if (!reader.is_map(node, "characteristics")) return;
    for (const auto& [name, value] : node.entries) {
        Characteristic characteristic;
        characteristic.name = name.text;
        characteristic.span = {name.span.source, name.span.begin, value.span.end};
        characteristic_table().read(reader, value, characteristic);
        scorecard.characteristics.push_back(std::move(characteristic));
    }
}

void read_bands(Reader& reader, const Node& node, Scorecard& scorecard) {
    if (!reader.is_map(node, "bands")) return;
    for (const auto& [name, value] : node.entries)
        scorecard.bands.push_back({name.text, reader.feel(value, name.text.text)});
}

}  // namespace

const Table<ScoreAttribute>& score_attribute_table() {
    using A = K<ScoreAttribute>;
    static const Table<ScoreAttribute> table("an attribute", {A::required(A::feel("when", &ScoreAttribute::when)),
                                                              A::required(A::feel("points", &ScoreAttribute::points)),
                                                              A::localized("reason", &ScoreAttribute::reason)});
    return table;
}

const Table<Characteristic>& characteristic_table() {
    using C = K<Characteristic>;
    static const Table<Characteristic> table(
        "a characteristic",
        {C::feel("input", &Characteristic::input), C::feel("baseline", &Characteristic::baseline),
         C::localized("reason", &Characteristic::reason),
         C::required(C::custom("attributes", schema::list_of("score_attribute"), read_attributes))});
    return table;
}

const Table<Scorecard>& scorecard_table() {
    using S = K<Scorecard>;
    static const Table<Scorecard> table(
        "a scorecard",
        section_keys<Scorecard>(
            "scorecard",
            {S::text("of", &Scorecard::of),
             S::custom("inputs", schema::ref("fields"),
                       [](Reader& r, const Node& n, Scorecard& s) { read_fields(r, n, "inputs", s.inputs); }),
             S::names("requires", &Scorecard::requirements), S::feel("initial", &Scorecard::initial),
             S::required(S::custom("characteristics", schema::map_of("characteristic"), read_characteristics)),
             S::custom("bands", schema::map_of("feel"), read_bands), S::integer("reasons", &Scorecard::reasons),
             S::names("allow", &Scorecard::allow)}));
    return table;
}

const Table<Service>& service_table() {
    using S = K<Service>;
    static const Table<Service> table(
        "a service", section_keys<Service>("service", {S::required(S::names("decisions", &Service::decisions))}));
    return table;
}

}  // namespace leat::yaml
