// From texts to a program in one call: reads YAML and DMN models, compiles, hashes.
#pragma once
#include <memory>
#include <vector>

#include "program/program.hpp"
#include "yaml/yaml.hpp"

namespace leat::program {

// A source whose name ends in .dmn is a DMN model, as is such a file that `include` names or that a model imports by
// its locationURI. Without any YAML the program is called what the first model is.
//
// Reads `sources` in order (and the files they name, asked of `files`) and compiles them. nullptr after at least one
// error; every mistake that was found is in `diagnostics`, warnings too. `sources_for_printing` receives all texts,
// also on failure, so that base::format can show lines. The program's hash is over the names and texts of all of them.
std::unique_ptr<Program> load(const std::vector<Source>& sources, const yaml::FileReader& files,
                              const LoadOptions& options, Diagnostics& diagnostics,
                              base::Sources& sources_for_printing);

// SHA-256 over names and texts, each with its length before it.
base::Digest definition_hash(const std::vector<Source>& sources);

}  // namespace leat::program
