// Scorecards, compiled (PMML 4.4's model of that name): each characteristic gives the points of the first attribute
// that its input meets; the score is their sum, the band says where it lies, the reasons where points were lost.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "decision/table.hpp"
#include "program/entity.hpp"

namespace leat::program {

struct ScoreAttribute {
    ExpressionPtr points;
    std::string_view reason;  // in the arena of the program
};

struct Characteristic {
    std::string name;
    ExpressionPtr input;
    // FIRST over the one input; the answer is the number of the attribute.
    std::unique_ptr<decision::Table> table;
    std::vector<ScoreAttribute> attributes;
    ExpressionPtr baseline;  // what was to be had; empty: the constant below
    Decimal best;            // the most points of the attributes
};

struct Scorecard {
    ExpressionPtr initial;  // nullptr: 0
    std::vector<Characteristic> characteristics;
    uint32_t score_local = 0;                // where bands find the score
    std::unique_ptr<decision::Table> bands;  // nullptr: none
    uint32_t reasons = 0;                    // how many are told at most
};

// What one characteristic said, for explanations.
struct ScoredCharacteristic {
    uint32_t attribute = UINT32_MAX;
    Value input, points;
    Decimal lost;  // against the baseline; negative: won
};

// {score, band, reasons} as the scorecard has them. Reasons are those of the characteristics that lost most points, the
// most first, in the order of definition where they are equal. Null with "scorecard.none" when no attribute takes an
// input, with the reason of the points when those are null. Locals must have a place at score_local. Throws LimitError
// only. `trace`, unless nullptr, gets one entry a characteristic.
Value score(const Scorecard& scorecard, feel::Frame& frame, std::vector<ScoredCharacteristic>* trace = nullptr);

}  // namespace leat::program
