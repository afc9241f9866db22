// yaml: definition files to model. The only room that includes yaml-cpp; its exceptions end here.
//
// Knows which keys exist and what shape they have; knows no meaning (names and expressions are `program`'s). Reports
// every problem it finds, each with its place. Start reading at load() and the reader of one section.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostic.hpp"
#include "base/limits.hpp"
#include "model/model.hpp"

namespace leat::yaml {

// Answers the content of a file that a definition names (include, a calendar's exceptions, a decision's CSV), relative
// to the file that names it; nullopt when there is none.
using FileReader = std::function<std::optional<std::string>(const std::string& from_source, const std::string& path)>;

// Reads one text of YAML documents (and what it includes) into `model`, adding to what is there. Sources keep the
// texts. False when at least one error was added.
bool load(std::string_view text, const std::string& source_name, const FileReader& files, const Limits& limits,
          Sources& sources, model::Model& model, Diagnostics& diagnostics);

}  // namespace leat::yaml
