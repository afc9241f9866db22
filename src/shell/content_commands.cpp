// Commands on the contents of files, and on records that may be one thing twice: put-file, get-file, drop-unused-files,
// duplicates, merge.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "shell/answer.hpp"
#include "shell/shell.hpp"

namespace leat::shell {

namespace {

struct Arguments {
    std::string entity, key, other, file, to;
    std::vector<std::string> input;
    std::int64_t version = 0, limit = 0, days = 1;
};

CLI::App* command(CLI::App& app, Invocation& invocation, const char* name, const char* description) {
    CLI::App* sub = app.add_subcommand(name, description);
    sub->add_option("database", invocation.database, "the file")->required();
    return sub;
}

// What a file field holds: the digest, and the file's own name.
void put_file(Invocation& invocation, const Arguments& given) {
    Engine engine = open_engine(invocation);
    std::string digest = engine.session(invocation.actor).put_file(read_file(given.file));
    std::string name = given.file == "-" ? "" : std::filesystem::path(given.file).filename().string();
    std::string value = name.empty() ? digest : digest + "/" + name;
    if (invocation.json)
        fmt::print("{{\"file\":{}}}\n", json_text(value));
    else
        fmt::print("{}\n", value);
}

void get_file(Invocation& invocation, const Arguments& given) {
    Engine engine = open_engine(invocation);
    std::string bytes = engine.session(invocation.actor).get_file(given.entity, given.key, given.file);
    if (given.to.empty()) {
        if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size())
            throw std::runtime_error("cannot write to the standard output");
        return;
    }
    std::ofstream out(given.to, std::ios::binary);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) throw std::runtime_error(fmt::format("cannot write '{}'", given.to));
}

void duplicates(Invocation& invocation, const Arguments& given) {
    if (given.key.empty() == given.input.empty())
        throw std::runtime_error("name a record by its KEY, or give fields with --with");
    Engine engine = open_engine(invocation);
    std::string answer =
        engine.session(invocation.actor).duplicates(given.entity, given.key, input_of(given.input), given.limit);
    if (invocation.json) {
        fmt::print("{}\n", answer);
        return;
    }
    auto found = parse(answer);
    Table table;
    table.header = {"key", "display", "similarity", "rule", "fields"};
    for (const auto& one : found.GetArray()) {
        std::string fields;
        for (const auto& field : one["fields"].GetArray())
            fields += fmt::format("{}{}", fields.empty() ? "" : ", ", field.GetString());
        table.rows.push_back({member(one, "key"), member(one, "display"), member(one, "similarity"),
                              one.HasMember("id") ? member(one, "id") : member(one, "rule"), fields});
    }
    if (table.rows.empty())
        fmt::print("none\n");
    else
        table.print();
}

}  // namespace

void add_content_commands(CLI::App& app, Invocation& invocation) {
    auto given = std::make_shared<Arguments>();
    CLI::App* put = command(app, invocation, "put-file", "keep a file's bytes; prints what a field of type file holds");
    put->add_option("path", given->file, "the file, or - for the standard input")->required();
    put->callback([&invocation, given] { put_file(invocation, *given); });

    CLI::App* get = command(app, invocation, "get-file", "the bytes of a file that a record names");
    get->add_option("entity", given->entity)->required();
    get->add_option("key", given->key)->required();
    get->add_option("digest", given->file, "its SHA-256, or the field's whole value")->required();
    get->add_option("--to", given->to, "a path; without it the standard output");
    get->callback([&invocation, given] { get_file(invocation, *given); });

    CLI::App* drop = command(app, invocation, "drop-unused-files", "drop the files that no record names");
    drop->add_option("--days", given->days, "those put within so many days stay (1)");
    drop->callback([&invocation, given] {
        Engine engine = open_engine(invocation);
        fmt::print("dropped {}\n", engine.drop_unused_files(given->days * 86'400'000'000));
    });

    CLI::App* find = command(app, invocation, "duplicates", "records that may be the same thing as this one");
    find->add_option("entity", given->entity)->required();
    find->add_option("key", given->key, "a record; or fields with --with");
    find->add_option("--with", given->input, "FIELD=VALUE …: what a record would be");
    find->add_option("--limit", given->limit);
    find->callback([&invocation, given] { duplicates(invocation, *given); });

    CLI::App* merge = command(app, invocation, "merge", "make one record of two: the other one goes");
    merge->add_option("entity", given->entity)->required();
    merge->add_option("key", given->key, "the record that stays")->required();
    merge->add_option("other", given->other, "the record that goes")->required();
    merge->add_option("--take", given->input, "fields that are the other's")->delimiter(',');
    merge->add_option("--version-is", given->version, "refuse unless the record still has this version");
    merge->callback([&invocation, given] {
        Engine engine = open_engine(invocation);
        std::string take;
        for (const std::string& name : given->input) take += (take.empty() ? "[" : ",") + json_text(name);
        if (!take.empty()) take += "]";
        Session session = engine.session(invocation.actor);
        print_outcome(invocation, session.merge(given->entity, given->key, given->other, take, given->version));
    });
}

}  // namespace leat::shell
