// The names at an embedded part's place, as its host compiles against them (feel/parts.hpp): locals get places of the
// part's own, in the order in which they are first read; everything else means what it means outside.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feel/scope.hpp"

namespace leat::feel {

class PlaceNames final : public Scope {
 public:
    // `first`: the index of the part's first local in its own frame. The place must outlive this.
    PlaceNames(const Scope& place, uint32_t first) : place_(place), first_(first) {}

    std::optional<Binding> find(std::string_view name) const override {
        auto binding = place_.find(name);
        if (!binding || binding->kind != Binding::Kind::local) return binding;
        auto known = std::find(reads_.begin(), reads_.end(), name);
        binding->index = first_ + static_cast<uint32_t>(known - reads_.begin());
        if (known == reads_.end()) reads_.emplace_back(name);
        return binding;
    }
    std::optional<Member> member(TypeRef type, std::string_view name) const override {
        return place_.member(type, name);
    }
    std::vector<std::string> names(TypeRef type) const override { return place_.names(type); }
    std::optional<uint32_t> calendar(std::string_view name) const override { return place_.calendar(name); }
    Types& types() const override { return place_.types(); }
    const std::vector<std::string>& phrases() const override { return place_.phrases(); }
    TypeRef named_type(std::string_view name) const override { return place_.named_type(name); }

    // What was read so far: Embedded::reads.
    const std::vector<std::string>& reads() const { return reads_; }

 private:
    const Scope& place_;
    uint32_t first_;
    mutable std::vector<std::string> reads_;
};

}  // namespace leat::feel
