// SHA-256 of bytes that come in pieces.
#pragma once
#include <memory>
#include <string_view>

#include "base/digest.hpp"

namespace leat::base {

class DigestStream {
 public:
    DigestStream();
    ~DigestStream();
    DigestStream(const DigestStream&) = delete;
    DigestStream& operator=(const DigestStream&) = delete;
    void add(std::string_view bytes);
    Digest finish();  // of all that was added; begins anew

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace leat::base
