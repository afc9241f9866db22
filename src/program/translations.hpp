// `texts` sections: what the definitions say to people, in one more language, by the paths that refusals name.
#pragma once
#include "base/diagnostic.hpp"
#include "model/model.hpp"

namespace leat::program {

// Puts the texts of all `texts` sections into the parts that they are about. Errors: program.texts.unknown for a path
// that leads to no text, program.texts.twice for one that has the language already.
void place_texts(model::Model& model, Diagnostics& diagnostics);

}  // namespace leat::program
