#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include <fmt/format.h>

#include "capi/capi.hpp"
#include "program/load.hpp"

namespace fs = std::filesystem;

namespace leat::capi {

namespace {

constexpr uint64_t kProgramFlags = LEAT_PROGRAM_STRICT;

program::LoadOptions load_options(const leat_program_options& options) {
    if ((options.flags & ~kProgramFlags) != 0)
        throw ArgumentError("usage.flags", "unknown flags in the program's options");
    program::LoadOptions result;
    if (options.source_bytes_max != 0) result.limits.source_bytes_max = options.source_bytes_max;
    if (options.depth_max != 0)
        result.limits.depth_max = static_cast<uint32_t>(std::min<uint64_t>(options.depth_max, UINT32_MAX));
    result.strict = (options.flags & LEAT_PROGRAM_STRICT) != 0;
    return result;
}

// Throws Failure with all diagnostics. `prefix`: see to_c().
std::unique_ptr<leat_program> load(const std::vector<program::Source>& sources, const yaml::FileReader& files,
                                   const program::LoadOptions& options, const std::string& prefix) {
    Diagnostics diagnostics;
    base::Sources printed;
    std::unique_ptr<program::Program> program = program::load(sources, files, options, diagnostics, printed);
    if (program != nullptr && program->app_name.empty()) {
        diagnostics.error("program.app", {}, "nothing says which application this is",
                          "write 'leat: 1' and 'app: NAME' on top");
        program.reset();
    }
    if (program == nullptr) {
        size_t errors = diagnostics.error_count();
        Failure failure(Status::program, "program.invalid",
                        fmt::format("the definitions have {} error{}", errors, errors == 1 ? "" : "s"));
        failure.diagnostics = to_c(diagnostics.take(), printed, prefix);
        throw failure;
    }
    return wrap(std::move(program), prefix);
}

std::string read_file(const fs::path& path, uint64_t bytes_max) {
    std::error_code error;
    uintmax_t size = fs::file_size(path, error);
    if (!error && size > bytes_max) {
        throw Failure(Status::limit, "limit.source",
                      fmt::format("'{}' has {} bytes; the limit is {}", path.string(), size, bytes_max));
    }
    std::ifstream in(path, std::ios::binary);
    if (!in)
        throw Failure(Status::not_found, "source.not_found",
                      fmt::format("there is no file '{}', or it may not be read", path.string()));
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (in.bad()) throw Failure(Status::store, "source.unreadable", fmt::format("cannot read '{}'", path.string()));
    return text;
}

// Files below a root folder. Names of sources are relative to it, so that the definition hash does not depend on where
// the folder lies or from where it was loaded.
class Folder {
 public:
    Folder(fs::path root, uint64_t bytes_max) : root_(std::move(root)), bytes_max_(bytes_max) {}

    std::string prefix() const {
        std::string text = root_.string();
        return text.empty() || text == "." ? "" : text.back() == '/' ? text : text + "/";
    }
    program::Source source(const std::string& name) const { return {name, read_file(root_ / name, bytes_max_)}; }
    enum class Wanted { definitions, models };
    std::vector<program::Source> sources(Wanted wanted) const {
        std::vector<std::string> names, models;
        std::error_code error;
        fs::directory_iterator at(root_.empty() ? fs::path(".") : root_, error);
        for (; !error && at != fs::directory_iterator(); at.increment(error)) {
            std::string extension = at->path().extension().string();
            if (extension == ".yaml" || extension == ".yml") names.push_back(at->path().filename().string());
            if (extension == ".dmn") models.push_back(at->path().filename().string());
        }
        if (error)
            throw Failure(Status::store, "source.unreadable",
                          fmt::format("cannot list '{}': {}", root_.string(), error.message()));
        // Models belong to a folder of definitions when these include them; a folder of nothing else is all models.
        if (names.empty() || wanted == Wanted::models) names = std::move(models);
        if (names.empty() && wanted == Wanted::definitions)
            throw Failure(Status::not_found, "source.not_found",
                          fmt::format("there is no *.yaml and no *.dmn in '{}'", root_.string()));
        std::sort(names.begin(), names.end());
        std::vector<program::Source> found;
        for (const std::string& name : names) found.push_back(source(name));
        return found;
    }
    // What the loader is told about a file that the source `from` names as `path`.
    std::optional<std::string> content(const std::string& from, const std::string& path) {
        fs::path relative = (fs::path(from).parent_path() / path).lexically_normal();
        named_.insert(relative.string());
        std::error_code error;
        if (!fs::is_regular_file(root_ / relative, error)) return std::nullopt;
        return read_file(root_ / relative, bytes_max_);
    }
    bool named(const std::string& name) const { return named_.count(name) != 0; }

 private:
    fs::path root_;
    uint64_t bytes_max_;
    std::set<std::string> named_;
};

std::unique_ptr<leat_program> load_path(const fs::path& path, const leat_program_options& given,
                                        const HostCallback& callback) {
    program::LoadOptions options = load_options(given);
    std::error_code error;
    bool whole_folder = fs::is_directory(path, error);
    Folder folder(whole_folder ? path : path.parent_path(), options.limits.source_bytes_max);
    yaml::FileReader files = [&](const std::string& from, const std::string& named) {
        return folder.content(from, named);
    };
    if (given.read_file != nullptr) files = reader_of(callback);
    if (!whole_folder) {
        // What a model imports is mostly beside it.
        if (path.extension() == ".dmn") options.importable = folder.sources(Folder::Wanted::models);
        return load({folder.source(path.filename().string())}, files, options, folder.prefix());
    }

    // A file that another one includes is not a source of its own; which those are is known after a first reading.
    std::vector<program::Source> sources = folder.sources(Folder::Wanted::definitions);
    Diagnostics unused;
    base::Sources unprinted;
    if (sources.size() > 1) program::load(sources, files, options, unused, unprinted);
    std::erase_if(sources, [&](const program::Source& source) { return folder.named(source.name); });
    return load(sources, files, options, folder.prefix());
}

}  // namespace

yaml::FileReader reader_of(const HostCallback& callback) {
    return [&callback](const std::string& from, const std::string& path) -> std::optional<std::string> {
        leat_call call;
        call.name = path;
        call.input = from;
        auto content = callback.ask(call);
        if (content) return std::move(*content);
        if (content.error().status == Status::not_found) return std::nullopt;
        throw Failure(Status::host, content.error().code, content.error().message);
    };
}

std::unique_ptr<leat_program> wrap(std::shared_ptr<const program::Program> program, const std::string& prefix) {
    auto made = std::make_unique<leat_program>();
    made->warnings = to_c(program->warnings, program->sources, prefix);
    made->warnings_text = join_texts(made->warnings);
    made->hash = base::to_hex(program->hash);
    made->program = std::move(program);
    return made;
}

}  // namespace leat::capi

using namespace leat::capi;
using leat::Result;

extern "C" {

LEAT_API leat_status leat_program_load(leat_program** out, const leat_source* sources, size_t source_count,
                                       const leat_program_options* options, leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto given = read_struct(options, "options");
        HostCallback callback(given.read_file, HostData(given.user_data, given.destroy), nullptr);
        auto& place = cleared(out);
        refuse_unknown(options, sizeof given, "options");
        if (source_count == 0) throw ArgumentError("usage.empty", "there must be at least one source");
        required(sources, "sources");
        std::vector<leat::program::Source> copies;
        for (size_t i = 0; i < source_count; ++i) {
            leat_str content = sources[i].text;  // the loader checks it and names the place of a wrong byte
            if (content.data == nullptr && content.size != 0)
                throw ArgumentError("usage.null", "a source's text has a size but no data");
            copies.push_back({std::string(text(sources[i].name, "name")),
                              content.size == 0 ? "" : std::string(content.data, content.size)});
        }
        leat::yaml::FileReader files;
        if (given.read_file != nullptr) files = reader_of(callback);
        place = load(copies, files, load_options(given), "").release();
        return {};
    });
}

LEAT_API leat_status leat_program_load_file(leat_program** out, leat_str path, const leat_program_options* options,
                                            leat_error** error) {
    return guard(error, [&]() -> Result<void> {
        auto given = read_struct(options, "options");
        HostCallback callback(given.read_file, HostData(given.user_data, given.destroy), nullptr);
        auto& place = cleared(out);
        refuse_unknown(options, sizeof given, "options");
        place = load_path(fs::path(required_text(path, "path")), given, callback).release();
        return {};
    });
}

LEAT_API void leat_program_free(leat_program* program) {
    delete program;
}

LEAT_API size_t leat_program_warning_count(const leat_program* program) {
    return program == nullptr ? 0 : program->warnings.size();
}
LEAT_API const leat_diagnostic* leat_program_warning(const leat_program* program, size_t index) {
    return program == nullptr || index >= program->warnings.size() ? nullptr : &program->warnings[index];
}
LEAT_API leat_str leat_program_warnings_text(const leat_program* program) {
    return program == nullptr ? leat_str{"", 0} : lend(program->warnings_text);
}
LEAT_API leat_str leat_program_hash(const leat_program* program) {
    return program == nullptr ? leat_str{"", 0} : lend(program->hash);
}
LEAT_API leat_str leat_program_name(const leat_program* program) {
    return program == nullptr ? leat_str{"", 0} : lend(program->program->app_name);
}
LEAT_API leat_str leat_program_version(const leat_program* program) {
    return program == nullptr ? leat_str{"", 0} : lend(program->program->app_version);
}

}  // extern "C"
