// Scorecards: compiled, and answered.
#include "program/scorecard.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "feel/evaluation.hpp"
#include "program/compiler.hpp"

namespace leat::program {

using feel::TypeKind;

namespace {

struct Loss {
    Decimal points;
    std::string_view reason;
};

Value none_of(const Characteristic& characteristic, const Value& input, Arena& arena) {
    std::string text = input.is_null()
                           ? fmt::format("'{}' is empty, and no attribute takes that", characteristic.name)
                           : fmt::format("no attribute of '{}' takes {}", characteristic.name, value::to_text(input));
    return Value::null(arena.make<NullReason>(NullReason{"scorecard.none", {}, arena.copy(text)}));
}

// The input's points; null when there are none.
Value points_of(const Characteristic& characteristic, feel::Frame& frame, ScoredCharacteristic& out) {
    out.input = characteristic.input->evaluate(frame);
    Value number = characteristic.table->decide(frame, {&out.input, 1});
    if (number.kind != Kind::number) return none_of(characteristic, out.input, *frame.arena);
    out.attribute = static_cast<uint32_t>(number.as_number().to_int64().value_or(0));
    out.points = characteristic.attributes[out.attribute].points->evaluate(frame);
    return out.points;
}

Value reasons_of(Loss* losses, size_t count, uint32_t most, Arena& arena) {
    std::stable_sort(losses, losses + count, [](const Loss& a, const Loss& b) { return a.points > b.points; });
    size_t told = std::min<size_t>(count, most);
    auto* items = arena.array<Value>(told);
    for (size_t i = 0; i < told; ++i) items[i] = Value::string(losses[i].reason);
    return Value::list(items, told);
}

// What a characteristic's points fall short of.
std::optional<Decimal> lost_points(const Characteristic& characteristic, Decimal points, feel::Frame& frame) {
    if (!characteristic.baseline) return Decimal::subtract(characteristic.best, points);
    Value baseline = characteristic.baseline->evaluate(frame);
    if (baseline.kind != Kind::number) return Decimal();  // no baseline, no loss
    return Decimal::subtract(baseline.as_number(), points);
}

}  // namespace

Value score(const Scorecard& scorecard, feel::Frame& frame, std::vector<ScoredCharacteristic>* trace) {
    static constexpr NullReason kOverflow{"feel.overflow", {}, "the score is out of range"};
    Value sum = Value::number(Decimal());
    if (scorecard.initial) sum = scorecard.initial->evaluate(frame);
    auto* losses = frame.arena->array<Loss>(scorecard.characteristics.size());
    size_t lost = 0;
    for (const Characteristic& characteristic : scorecard.characteristics) {
        ScoredCharacteristic scored;
        Value points = points_of(characteristic, frame, scored);
        if (points.kind == Kind::number) {
            auto loss = lost_points(characteristic, points.as_number(), frame);
            scored.lost = loss.value_or(Decimal());
            if (scored.lost > Decimal())
                losses[lost++] = {scored.lost, characteristic.attributes[scored.attribute].reason};
        }
        if (trace) trace->push_back(scored);
        if (sum.kind != Kind::number) continue;
        if (points.kind != Kind::number) {
            sum = points;
        } else if (auto total = Decimal::add(sum.as_number(), points.as_number())) {
            sum = Value::number(*total);
        } else {
            sum = Value::null(&kOverflow);
        }
    }
    if (sum.kind != Kind::number) return sum;
    auto* entries = frame.arena->array<value::ContextEntry>(3);
    uint32_t count = 0;
    entries[count++] = {"score", sum};
    if (scorecard.bands) entries[count++] = {"band", scorecard.bands->decide(frame, {&sum, 1})};
    if (scorecard.reasons > 0)
        entries[count++] = {"reasons", reasons_of(losses, lost, scorecard.reasons, *frame.arena)};
    return feel::make_context(*frame.arena, entries, count);
}

// A FIRST table of one input whose answers are the numbers of its rows.
std::unique_ptr<decision::Table> Compiler::attribute_table(const model::Characteristic& source, const Text& input,
                                                           const Text& allowed, const Names& names) {
    decision::TableSource table;
    table.name = source.name.text;
    table.span = source.span;
    table.hit = decision::Hit::first;
    table.inputs.push_back({input, nullptr, allowed});
    table.outputs.push_back({"attribute", types_.basic(TypeKind::number), source.span});
    table.allowed.emplace_back();
    for (const model::ScoreAttribute& attribute : source.attributes) {
        decision::TableRow row;
        row.span = attribute.span;
        row.inputs.push_back(attribute.when);
        Text number;
        number.text = std::to_string(table.rows.size());
        number.span = attribute.span;
        row.outputs.push_back(std::move(number));
        table.rows.push_back(std::move(row));
    }
    return compiled_table(std::move(table), names);
}

bool Compiler::characteristic(const model::Characteristic& source, const DecisionDraft& draft, const Names& names,
                              Characteristic& out) {
    out.name = source.name.text;
    const Text& input = source.input.empty() ? source.name : source.input;
    out.input = expression(input, names);
    out.table = attribute_table(source, input, allowed_of(draft, program_.decisions[draft.decision], input), names);
    if (!source.baseline.empty()) out.baseline = expression(source.baseline, names, types_.basic(TypeKind::number));
    bool good = out.input && out.table && (source.baseline.empty() || out.baseline);
    bool first = true;
    for (const model::ScoreAttribute& attribute : source.attributes) {
        ScoreAttribute made;
        made.points = expression(attribute.points, names, types_.basic(TypeKind::number));
        const model::Localized& reason = attribute.reason.empty() ? source.reason : attribute.reason;
        Titles texts = titles(reason);
        made.reason = program_.arena.copy(texts.texts.empty() ? out.name : texts.texts.front().second);
        good = good && made.points;
        if (made.points && !out.baseline) {
            if (!made.points->is_constant()) {
                error("program.scorecard.baseline", attribute.points.span,
                      fmt::format("these points of '{}' are computed: what they fall short of is not known", out.name),
                      "give the characteristic a 'baseline'");
                return false;
            }
            feel::Frame frame;
            frame.arena = &program_.arena;
            Value points = made.points->evaluate(frame);
            if (points.kind == Kind::number && (first || points.as_number() > out.best)) out.best = points.as_number();
            first = false;
        }
        out.attributes.push_back(std::move(made));
    }
    return good;
}

std::unique_ptr<decision::Table> Compiler::band_table(const model::Scorecard& source, Names names, uint32_t local,
                                                      const Field& band) {
    decision::TableSource table;
    table.name = source.name.text + " bands";
    table.span = source.bands.front().when.span;
    names.add("score", local, types_.basic(TypeKind::number, false));
    Text score;
    score.text = "score";
    score.span = table.span;
    table.inputs.push_back({score, nullptr});
    table.outputs.push_back({"band", types_.with_nullable(band.type, true), table.span});
    table.allowed.emplace_back();
    for (const model::ScoreBand& one : source.bands) {
        decision::TableRow row;
        row.span = one.name.span;
        row.inputs.push_back(one.when);
        Text name = one.name;
        name.text = feel_text(Value::string(one.name.text));
        name.line_starts.clear();
        row.outputs.push_back(std::move(name));
        table.rows.push_back(std::move(row));
    }
    return compiled_table(std::move(table), names);
}

// {score, band, reasons}, as far as the scorecard has them.
std::vector<Field> Compiler::scorecard_outputs(const model::Scorecard& source) {
    std::vector<Field> out;
    auto add = [&](std::string name, FieldKind kind, feel::TypeRef type) -> Field& {
        Field field;
        field.id = static_cast<FieldId>(out.size());
        field.name = std::move(name);
        field.kind = kind;
        field.type = type;
        field.span = source.name.span;
        out.push_back(std::move(field));
        return out.back();
    };
    add("score", FieldKind::decimal, types_.basic(TypeKind::number));
    if (!source.bands.empty()) {
        auto bands = std::make_unique<feel::EnumType>();
        bands->name = source.name.text + ".band";
        for (const model::ScoreBand& band : source.bands) bands->items.push_back({band.name.text, {}});
        add("band", FieldKind::enumeration, types_.enumeration(bands.get())).enumeration = bands.get();
        program_.enumerations.push_back(std::move(bands));
    }
    if (!source.reasons.empty())
        add("reasons", FieldKind::list, types_.list(types_.basic(TypeKind::string, false), false)).scalar_list = true;
    return out;
}

void Compiler::compile_scorecard(const DecisionDraft& draft, Decision& decision) {
    const model::Scorecard& source = *draft.scorecard;
    const Names names = decision_names(draft);
    auto made = std::make_unique<Scorecard>();
    bool good = true;
    if (source.characteristics.empty()) {
        error("program.key", source.name.span, fmt::format("scorecard '{}' has no characteristics", decision.name));
        good = false;
    }
    if (!source.initial.empty()) {
        made->initial = expression(source.initial, names, types_.basic(TypeKind::number));
        good = made->initial != nullptr;
    }
    for (const model::Characteristic& one : source.characteristics) {
        Characteristic out;
        good = characteristic(one, draft, names, out) && good;
        made->characteristics.push_back(std::move(out));
    }
    made->score_local = decision_locals_end(decision);
    reserve_locals(made->score_local + 1);
    if (!source.bands.empty()) {
        made->bands = band_table(source, names, made->score_local, decision.outputs[1]);
        good = good && made->bands;
    }
    if (!source.reasons.empty())
        made->reasons = static_cast<uint32_t>(integer(source.reasons, "reasons", 0, 100).value_or(0));
    if (!good) return;
    for (const Characteristic& one : made->characteristics)
        check_table(*one.table, source.allow, fmt::format("characteristic '{}' of '{}'", one.name, decision.name));
    if (made->bands) check_table(*made->bands, source.allow, fmt::format("the bands of '{}'", decision.name));
    decision.scorecard = std::move(made);
}

}  // namespace leat::program
