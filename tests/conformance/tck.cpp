// The suite `tck`: folders with a DMN model, those that it imports, and files of test cases.
//
// A case passes when all its result nodes have the values that it wants. A model's decisions that cannot be compiled
// are null, as the suite wants it of wrong expressions.
#include <cstdio>
#include <filesystem>
#include <string>

#include <fmt/format.h>

#include "report.hpp"

#if LEAT_DMN
#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <vector>

#include <pugixml.hpp>

#include "answers.hpp"
#include "base/arena.hpp"
#include "base/clock.hpp"
#include "decision/graph.hpp"
#include "dmn/dmn.hpp"

namespace leat::conformance {

namespace {

namespace fs = std::filesystem;
using decision::Graph;
using Element = decision::GraphElement;
using Xml = pugi::xml_node;

std::string local_name(Xml node) {
    std::string name = node.name();
    size_t colon = name.rfind(':');
    return colon == std::string::npos ? name : name.substr(colon + 1);
}

std::vector<Xml> children(Xml node, std::string_view name) {
    std::vector<Xml> found;
    for (Xml child : node.children()) {
        if (child.type() == pugi::node_element && local_name(child) == name) found.push_back(child);
    }
    return found;
}

// An attribute whatever its prefix: xsi:type, xsi:nil.
std::string attribute(Xml node, std::string_view name) {
    for (pugi::xml_attribute one : node.attributes()) {
        std::string full = one.name();
        size_t colon = full.rfind(':');
        if ((colon == std::string::npos ? full : full.substr(colon + 1)) == name) return one.value();
    }
    return {};
}

std::string text_of(Xml node) {
    std::string text;
    for (Xml child : node.children()) text += child.value();
    return text;
}

std::string trimmed(std::string text) {
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
    size_t from = 0;
    while (from < text.size() && std::isspace(static_cast<unsigned char>(text[from]))) ++from;
    return text.substr(from);
}

std::string read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error(fmt::format("{} cannot be read", path.string()));
    std::stringstream all;
    all << file.rdbuf();
    return all.str();
}

template <class Parsed>
Value must(const std::optional<Parsed>& parsed, const std::string& text) {
    if (!parsed) throw std::runtime_error(fmt::format("the value '{}' cannot be read", text));
    if constexpr (std::is_same_v<Parsed, Decimal>) return Value::number(*parsed);
    if constexpr (!std::is_same_v<Parsed, Decimal>) return Value::of(*parsed);
}

// <value xsi:type="xsd:…">; a text where there is no type.
Value read_scalar(Xml node, Arena& arena) {
    if (attribute(node, "nil") == "true") return {};
    std::string type = attribute(node, "type");
    type = type.substr(type.rfind(':') == std::string::npos ? 0 : type.rfind(':') + 1);
    std::string full = text_of(node), text = trimmed(full);
    if (type.empty() || type == "string" || type == "anySimpleType") return Value::string(arena.copy(full));
    if (type == "boolean") return Value::boolean(text == "true" || text == "1");
    if (type == "date") return must(Date::parse(text), text);
    if (type == "time") return must(Time::parse(text), text);
    if (type == "dateTime") return must(DateTime::parse(text), text);
    if (type == "duration" || type == "dayTimeDuration" || type == "yearMonthDuration") {
        auto duration = value::parse_duration(text);
        if (duration && duration->months) return Value::of(*duration->months);
        return must(duration ? duration->days : std::nullopt, text);
    }
    return must(Decimal::parse(text), text);  // decimal, double, float, integer, int, long …
}

// What is inside <inputNode>, <expected>, <item> and <component>.
Value read_value(Xml node, Arena& arena) {
    if (attribute(node, "nil") == "true") return {};
    for (Xml value : children(node, "value")) return read_scalar(value, arena);
    for (Xml list : children(node, "list")) {
        if (attribute(list, "nil") == "true") return {};
        auto items = children(list, "item");
        auto* values = arena.array<Value>(items.size());
        for (size_t i = 0; i < items.size(); ++i) values[i] = read_value(items[i], arena);
        return Value::list(values, items.size());
    }
    auto components = children(node, "component");
    if (components.empty()) return {};
    auto* entries = arena.array<value::ContextEntry>(components.size());
    for (size_t i = 0; i < components.size(); ++i)
        entries[i] = {arena.copy(attribute(components[i], "name")), read_value(components[i], arena)};
    return Value::context_of(
        arena.make<value::ContextData>(value::ContextData{entries, static_cast<uint32_t>(components.size())}));
}

class World final : public feel::Environment {
 public:
    Value member(const Value&, uint32_t, feel::Frame&) override { return {}; }
    bool query(const feel::CollectionQuery&, std::span<const Value>, feel::Frame&, Value& out) override {
        out = Value::list(nullptr, 0);
        return false;
    }
    Value call(uint32_t, std::span<const Value>, feel::Frame&) override { return {}; }
    int64_t now_us() override { return base::system_clock().now_us(); }
    value::Zone time_zone() override { return {ZoneKind::offset, 0}; }
};

// A model with all those it imports, found by their namespaces among the folder's.
class Model {
 public:
    Model(const fs::path& folder, const std::string& name) {
        for (const auto& entry : fs::directory_iterator(folder)) {
            if (entry.path().extension() == ".dmn" && entry.path().filename() != name) others_.push_back(entry.path());
        }
        std::sort(others_.begin(), others_.end());
        add(folder / name);
        for (size_t i = 0; i < models_.size(); ++i) {
            for (const model::DmnImport& import : models_[i]->imports) add_namespace(import.space);
        }
        std::vector<const model::DmnModel*> models;
        for (const auto& one : models_) models.push_back(one.get());
        decision::GraphOptions options;
        options.tolerant = true;
        if (!diagnostics_.has_errors()) graph_ = decision::compile(models, options, diagnostics_);
        for (const Diagnostic& one : diagnostics_.take()) {
            if (one.severity == Severity::error) throw std::runtime_error(base::format(one, sources_));
        }
        if (!graph_) throw std::runtime_error("the model has errors");
    }
    const Graph& graph() const { return *graph_; }

 private:
    void add(const fs::path& path) {
        models_.push_back(std::make_unique<model::DmnModel>());
        dmn::read(read_file(path), path.filename().string(), Limits(), sources_, *models_.back(), diagnostics_);
    }
    void add_namespace(const std::string& space) {
        for (const auto& model : models_) {
            if (model->space == space) return;
        }
        for (const fs::path& path : others_) {
            auto other = std::make_unique<model::DmnModel>();
            Diagnostics unsaid;
            Sources unused;
            dmn::read(read_file(path), path.filename().string(), Limits(), unused, *other, unsaid);
            if (other->space == space) return add(path);
        }
    }
    Sources sources_;
    Diagnostics diagnostics_;
    std::vector<fs::path> others_;
    std::vector<std::unique_ptr<model::DmnModel>> models_;
    std::unique_ptr<Graph> graph_;
};

class TestCase {
 public:
    TestCase(const Graph& graph, Xml node) : graph_(graph), node_(node) {
        run_.environment = &world_;
        run_.arena = &arena_;
    }

    // Empty when every result is as it must be.
    std::string judge() {
        for (Xml input : children(node_, "inputNode")) give(input);
        for (Xml result : children(node_, "resultNode")) {
            std::string fault = judge(result);
            if (!fault.empty()) return fault;
        }
        return {};
    }

 private:
    void give(Xml input) {
        std::string name = attribute(input, "name"), space = attribute(input, "namespace");
        Value value = read_value(input, arena_);
        for (uint32_t model = 0; model < graph_.models().size(); ++model) {
            if (space.empty() ? model != 0 : graph_.models()[model].space != space) continue;
            uint32_t found = graph_.find(model, name, Element::Kind::input);
            if (found != Graph::kNone) {
                given_.push_back({found, value});
                return;
            }
        }
        // A name of another model.
        value::ContextEntry entry{arena_.copy(name), value};
        value::ContextData data{&entry, 1};
        if (graph_.elements().empty()) return;
        if (auto found = graph_.given(0, Value::context_of(&data)))
            given_.insert(given_.end(), found->begin(), found->end());
    }

    Result<Value> evaluate(const std::string& name, const std::string& type, const std::string& space) {
        bool service = type == "decisionService";
        std::string called = service ? attribute(node_, "invocableName") : name;
        uint32_t element = graph_.find(model_of(space), called.empty() ? name : called,
                                       service ? Element::Kind::service : Element::Kind::decision);
        if (element == Graph::kNone) throw std::runtime_error(fmt::format("the model has no '{}'", called));
        auto answer = graph_.evaluate(element, given_, run_);
        if (!answer || !service || answer->kind != Kind::context) return answer;
        // Of several output decisions the one that the node names.
        const Value* one = answer->context->find(name);
        return one && called != name ? *one : *answer;
    }

    uint32_t model_of(const std::string& space) const {
        for (uint32_t model = 0; model < graph_.models().size(); ++model) {
            if (graph_.models()[model].space == space) return model;
        }
        return 0;
    }

    std::string judge(Xml result) {
        std::string name = attribute(result, "name");
        std::string type = attribute(result, "type");
        if (type.empty() || attribute(node_, "type") == "decisionService") type = attribute(node_, "type");
        auto answer = evaluate(name, type, attribute(result, "namespace"));
        Value got = answer ? *answer : Value();
        if (!answer && answer.error().status == Status::limit)
            return fmt::format("{}: {}", name, answer.error().message);
        if (attribute(result, "errorResult") == "true" && got.is_null()) return {};
        auto expected = children(result, "expected");
        Value wanted = expected.empty() ? Value() : read_value(expected[0], arena_);
        if (same(wanted, got)) return {};
        return fmt::format("{}: wanted {}, got {}", name, shown(wanted), shown(got));
    }

    const Graph& graph_;
    Xml node_;
    Arena arena_;
    World world_;
    decision::GraphRun run_;
    std::vector<decision::Given> given_;
};

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"') out += '"';
        out += c == '\n' ? ' ' : c;
    }
    return out + "\"";
}

class Suite {
 public:
    explicit Suite(const std::string& csv) {
        if (csv.empty()) return;
        csv_.open(csv);
        if (!csv_) throw std::runtime_error(fmt::format("{} cannot be written", csv));
    }

    void run_file(const fs::path& path, const std::string& folder) {
        pugi::xml_document document;
        if (!document.load_file(path.c_str(), pugi::parse_default | pugi::parse_ws_pcdata_single))
            throw std::runtime_error(fmt::format("{} is not well-formed", path.string()));
        Xml root = document.document_element();
        auto cases = children(root, "testCase");
        std::unique_ptr<Model> model;
        std::string fault;
        try {
            model = std::make_unique<Model>(path.parent_path(), model_name(root, path));
        } catch (const std::exception& error) {
            fault = error.what();
        }
        for (Xml one : cases) {
            std::string note = fault;
            if (model) {
                try {
                    note = TestCase(model->graph(), one).judge();
                } catch (const std::exception& error) {
                    note = error.what();
                }
            }
            count(folder, path, attribute(one, "id"), note);
        }
    }
    int print() const { return report_.print(); }

 private:
    static std::string model_name(Xml root, const fs::path& path) {
        for (Xml name : children(root, "modelName")) {
            std::string text = trimmed(text_of(name));
            return fs::exists(path.parent_path() / text) ? text : text + ".dmn";
        }
        throw std::runtime_error("the test cases name no model");
    }

    void count(const std::string& folder, const fs::path& path, const std::string& id, const std::string& note) {
        Group& group = report_.group(folder);
        if (note.empty()) {
            ++group.passed;
        } else {
            ++group.failed;
            group.failures.push_back(fmt::format("{} {}: {}", path.stem().string(), id, note));
        }
        if (!csv_.is_open()) return;
        csv_ << quoted(folder) << ',' << quoted(path.stem().string()) << ',' << quoted(id) << ','
             << (note.empty() ? "\"SUCCESS\"," : "\"ERROR\",") << quoted(note) << '\n';
    }

    Report report_{"tck"};
    std::ofstream csv_;
};

}  // namespace

int run_tck(const std::string& path, const std::string& csv) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
        if (entry.path().extension() == ".xml" && entry.path().stem().string().find("-test-") != std::string::npos)
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    if (files.empty())
        throw std::runtime_error(fmt::format("there is no file of test cases (*-test-*.xml) in {}", path));
    Suite suite(csv);
    for (const fs::path& file : files) {
        std::string folder = fs::relative(file.parent_path(), path).generic_string();
        suite.run_file(file, folder == "." ? file.parent_path().filename().string() : folder);
    }
    return suite.print();
}

}  // namespace leat::conformance
#else
namespace leat::conformance {

int run_tck(const std::string&, const std::string&) {
    fmt::print("this build reads no DMN XML (LEAT_DMN): no case of the suite 'tck' was run\n");
    return kNotThere;
}

}  // namespace leat::conformance
#endif
