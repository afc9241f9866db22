// Telling a name that the definitions do not have, with the nearest one that they do.
#pragma once
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "program/program.hpp"

namespace leat::engine {

// "; did you mean 'amount'?", or "" when nothing is near.
inline std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
    std::string near = base::nearest(name, known);
    return near.empty() ? near : fmt::format("; did you mean '{}'?", near);
}

template <class Named>
std::string did_you_mean(std::string_view name, const std::vector<Named>& known) {
    std::vector<std::string> names;
    for (const auto& one : known) names.push_back(one.name);
    return did_you_mean(name, names);
}

inline Error unknown_entity(const program::Program& program, std::string_view name) {
    std::vector<std::string> names;
    for (const auto& entity : program.entities)
        if (entity.owner == program::kNone) names.push_back(entity.name);
    return make_error(Status::not_found, "entity.unknown",
                      fmt::format("there is no entity '{}'{}", name, did_you_mean(name, names)));
}

}  // namespace leat::engine
