// The end state of a command: columns, required fields, asserts, uniqueness and references of every touched row.
#include <fmt/format.h>

#include "base/text_form.hpp"
#include "base/utf8.hpp"
#include "feel/quick_compare.hpp"
#include "program/currency.hpp"
#include "query/table.hpp"
#include "record/messages.hpp"
#include "record/parts.hpp"

namespace leat::record {

using program::Field;
using program::FieldKind;
using program::kNone;

namespace {

Problem problem_of(std::string_view form) {
    if (form == "email" || form == "idn-email") return Problem::email;
    if (form == "phone") return Problem::phone;
    return form == "url" ? Problem::url : Problem::form;
}

// Tells `add` what a single value breaks of what its field says: bounds, length, format, pattern.
template <class Add>
void item_bounds(const Field& field, const Value& value, const Add& add) {
    if (value.kind == Kind::number) {
        // `least`: how the value must compare at least, or at most when it is turned round.
        auto bound = [&](const std::optional<Decimal>& limit, bool upper, int least, Problem problem) {
            if (!limit) return;
            int order = feel::compare_numbers(value, Value::number(*limit));
            if ((upper ? -order : order) < least) add(problem, limit->to_string());
        };
        bound(field.minimum, false, 0, Problem::minimum);
        bound(field.maximum, true, 0, Problem::maximum);
        bound(field.exclusive_minimum, false, 1, Problem::exclusive_minimum);
        bound(field.exclusive_maximum, true, 1, Problem::exclusive_maximum);
    }
    if (value.kind != Kind::string) return;
    std::string_view text = value.as_string();
    // No text has more characters than bytes.
    if (field.min_length || (field.max_length && text.size() > *field.max_length)) {
        size_t length = base::count_code_points(text);
        if (field.min_length && length < *field.min_length) add(Problem::min_length, std::to_string(*field.min_length));
        if (field.max_length && length > *field.max_length) add(Problem::max_length, std::to_string(*field.max_length));
    }
    if (!field.format.empty() && !base::has_text_form(field.format, text)) add(problem_of(field.format), field.format);
    if (field.matcher) {
        std::vector<feel::Regex::Span> spans;
        uint64_t work = 0;
        if (!field.matcher->search(text, 0, spans, work)) add(Problem::pattern, field.pattern);
    }
}

// The same of a field's value: of a list of single values for each, and one of them is enough to say what is wrong.
template <class Add>
void bounds(const Field& field, const Value& value, const Add& add) {
    if (!field.scalar_list || value.kind != Kind::list) return item_bounds(field, value, add);
    bool told = false;
    for (const Value& one : value.as_list()) {
        item_bounds(field, one, [&](Problem problem, std::string_view detail) {
            told = true;
            add(problem, detail);
        });
        if (told) return;
    }
}

class Check {
 public:
    Check(Records& records, Records::Parts& parts, std::string_view language, const query::AccessScope& reader,
          std::vector<Violation>& out)
        : records_(records), parts_(parts), language_(language), reader_(reader), out_(out) {}

    // Rows that no command touched, under definitions that may ask for more.
    void ask_everything() { whole_ = true; }

    // What there is to ask of each field, for whoever checks many rows that were made without deleting others: fields
    // are large, and mostly nothing is.
    void ask_only(const std::vector<Asked>& asked) { asked_ = &asked; }
    static std::vector<Asked> what_to_ask(const program::Entity& entity) {
        std::vector<Asked> out;
        for (const Field& field : entity.fields) {
            uint8_t asked = 0;
            if (field.required || field.required_if) asked |= kRequired;
            if (field.minimum || field.maximum || field.exclusive_minimum || field.exclusive_maximum ||
                field.min_length || field.max_length || !field.format.empty() || field.matcher)
                asked |= kValue;
            if (field.currency_field != kNone) asked |= kCurrency;
            if (field.min_items || field.max_items) asked |= kItems;
            if (field.unique && field.stored) asked |= kUnique;
            if (asked != 0 && field.id >= program::kFirstField) out.push_back({field.id, asked});
        }
        return out;
    }

    // Keys come first: a row with a key that is taken cannot even be flushed for the other questions.
    Result<void> key(Entry& entry) {
        entry_ = &entry;
        if (entry.deleted || !entry.plan->has_key || entry.key().empty()) return {};
        return unique({program::kKey});
    }

    Result<void> row(Entry& entry) {
        entry_ = &entry;
        if (entry.deleted) return entry.created ? Result<void>() : referenced();
        const std::vector<Field>& fields = entry.plan->entity.fields;
        if (asked_) {
            for (const Asked& one : *asked_) LEAT_CHECK(ask(fields[one.field], one.what));
        } else {
            for (FieldId id = program::kFirstField; id < fields.size(); ++id) LEAT_CHECK(ask(fields[id], kEverything));
        }
        for (const auto& together : entry.plan->entity.unique) LEAT_CHECK(unique(together));
        for (const auto& criterion : entry.plan->entity.constraints) {
            LEAT_TRY(auto violation, records_.judge(criterion, entry, nullptr, "constraint", language_, reader_));
            if (violation) out_.push_back(std::move(*violation));
        }
        return {};
    }

 private:
    enum Ask : uint8_t { kRequired = 1, kValue = 2, kCurrency = 4, kItems = 8, kTarget = 16, kUnique = 32 };
    static constexpr uint8_t kEverything = 63;

    Result<void> ask(const Field& field, uint8_t asked) {
        if (asked & kRequired) LEAT_CHECK(required(field));
        if (asked & kValue) value(field);
        if (asked & kCurrency) currency(field);
        if (asked & kItems) LEAT_CHECK(items(field));
        if (asked & kTarget) target(field);
        if (asked & kUnique && field.unique && field.stored) LEAT_CHECK(unique({field.id}));
        return {};
    }

    void add(Problem problem, const Field& field, std::string_view detail) {
        Violation v;
        v.code = "constraint";
        v.at = fmt::format("{}.{}", entry_->plan->entity.name, field.name);
        v.message = default_message(problem, label_of(field, language_), detail, language_);
        v.fields = {field.name};
        v.entity = entry_->plan->entity.name;
        v.key = entry_->key();
        v.row = entry_;
        out_.push_back(std::move(v));
    }

    Result<void> required(const Field& field) {
        bool wanted = field.required;
        if (!wanted && field.required_if) {
            feel::Frame frame = records_.frame(entry_, nullptr, &field.required_if->reads());
            Value answer = field.required_if->evaluate(frame);
            if (parts_.error) return *parts_.error;
            if (answer.is_null()) return undecided(field, answer);
            wanted = answer.is_true();
        }
        if (!wanted) return {};
        const Value& now = entry_->fields[field.id];
        const bool holds = now.kind == Kind::string ? now.aux > 0 : !now.is_null() && now.kind != Kind::list;
        if (field.stored && holds) return {};
        LEAT_TRY(bool there, records_.filled(*entry_, field.id));
        if (!there) add(Problem::required, field, "");
        return {};
    }

    Result<void> undecided(const Field& field, const Value& answer) {
        Violation v;
        v.code = "null";
        v.at = fmt::format("{}.{}.required_if", entry_->plan->entity.name, field.name);
        std::string empty = answer.null_reason ? std::string(answer.null_reason->name) : std::string();
        v.message =
            default_message(Problem::undecided, empty.empty() ? label_of(field, language_) : empty, v.at, language_);
        if (!empty.empty()) v.fields = {empty};
        v.entity = entry_->plan->entity.name;
        v.key = entry_->key();
        v.row = entry_;
        out_.push_back(std::move(v));
        return {};
    }

    void value(const Field& field) {
        bounds(field, entry_->fields[field.id],
               [&](Problem problem, std::string_view detail) { add(problem, field, detail); });
    }

    // A currency with more digits than the column of its amounts keeps: KWD where `scale` does not say 3.
    void currency(const Field& field) {
        if (field.currency_field == kNone || entry_->fields[field.id].kind != Kind::number) return;
        const Value& code = entry_->fields[field.currency_field];
        if (code.kind == Kind::string && program::is_currency_code(code.as_string()) &&
            program::currency_digits(code.as_string()) > field.scale)
            add(Problem::currency, field, code.as_string());
    }

    Result<void> items(const Field& field) {
        if (field.kind != FieldKind::list || (!field.min_items && !field.max_items)) return {};
        feel::Reads reads;
        reads.fields.push_back({entry_->entity, field.id, false});
        records_.frame(entry_, nullptr, &reads);
        if (parts_.error) return *parts_.error;
        const Value& list = entry_->fields[field.id];
        size_t count = list.kind == Kind::list ? list.as_list().size() : 0;
        if (field.min_items && count < *field.min_items)
            add(Problem::min_items, field, std::to_string(*field.min_items));
        if (field.max_items && count > *field.max_items)
            add(Problem::max_items, field, std::to_string(*field.max_items));
        return {};
    }

    // A reference set in this command to a record that this command deletes.
    void target(const Field& field) {
        if (!field.stored) return;
        const Value& value = entry_->fields[field.id];
        if (value.kind == Kind::record) target(field, value);
        if (field.scalar_list && value.kind == Kind::list) {
            for (const Value& one : value.as_list())
                if (one.kind == Kind::record) target(field, one);
        }
    }

    void target(const Field& field, const Value& value) {
        if (Entry* pointed = parts_.entry(field.to, value.record.id); pointed && pointed->deleted)
            add(Problem::deleted_target, field, pointed->key());
    }

    // Whoever still points at a deleted record (owned lines went with it).
    Result<void> referenced() {
        for (const auto& [other, by] : entry_->plan->references) {
            LEAT_TRY(auto rows, parts_.pointing_at(other, by, *entry_));
            if (rows.empty()) continue;
            // Those that were to be cleared or deleted are, so these came later: the command contradicts itself.
            const program::Entity& from = rows.front()->plan->entity;
            Violation v;
            v.code = "constraint";
            v.at = fmt::format("{}.{}", from.name, from.fields[by].name);
            v.message = default_message(Problem::still_referenced, "", named(*rows.front()), language_);
            v.entity = entry_->plan->entity.name;
            v.key = entry_->key();
            out_.push_back(std::move(v));
        }
        return {};
    }

    // Nulls are not compared, as in SQL. Only what this command set can have become a duplicate.
    Result<void> unique(const std::vector<FieldId>& fields) {
        bool touched = entry_->created || whole_;
        std::vector<std::string_view> columns;
        for (FieldId field : fields) {
            if (entry_->plan->column_of[field] < 0 || entry_->fields[field].is_null()) return {};
            touched = touched || records_.changed(*entry_, field);
            columns.push_back(column_name(entry_->plan->entity.fields[field]));
        }
        if (!touched) return {};
        if (fields.size() == 1 && fields[0] == program::kKey) {
            for (Entry* other : parts_.entities[entry_->entity].pending) {
                if (other != entry_ && !other->deleted && other->key() == entry_->key())
                    return duplicate(fields, other->id);
            }
        } else {
            LEAT_CHECK(records_.flush(entry_->entity));
        }
        LEAT_TRY(auto statement,
                 parts_.connection.prepare(query::print_duplicate(entry_->plan->entity.table, columns)));
        int number = 1;
        for (FieldId field : fields) {
            query::bind(
                statement,
                {to_column(parts_.program, entry_->plan->entity.fields[field], entry_->fields[field], parts_.arena)},
                number++);
        }
        statement.bind(number, entry_->id);
        LEAT_TRY(bool found, statement.step());
        if (!found) return {};
        int64_t other = statement.integer(0);
        if (Entry* pending = parts_.entry(entry_->entity, other);
            pending && pending->touched && fields[0] == program::kKey)
            return {};
        return duplicate(fields, other);
    }

    Result<void> duplicate(const std::vector<FieldId>& fields, int64_t other) {
        const program::Entity& entity = entry_->plan->entity;
        Violation v;
        v.code = "constraint";
        std::string labels;
        for (FieldId field : fields) {
            labels += fmt::format("{}{}",
                                  labels.empty()       ? ""
                                  : chinese(language_) ? "、"
                                                       : ", ",
                                  label_of(entity.fields[field], language_));
            v.fields.push_back(entity.fields[field].name);
        }
        v.at = fmt::format("{}.{}", entity.name, v.fields[0]);
        LEAT_TRY(Entry * taken, parts_.load(entity.id, other));
        v.message = default_message(Problem::unique, labels, named(taken ? *taken : *entry_), language_);
        v.entity = entity.name;
        v.key = entry_->key();
        v.row = entry_;
        out_.push_back(std::move(v));
        return {};
    }

    // A record that stands in the way; by its key only to who may know it.
    std::string named(Entry& other) {
        const program::Entity& entity = other.plan->entity;
        if (parts_.may(other, reader_, &program::AccessRule::read)) {
            auto key = parts_.key_of(parts_.value_of(other));
            return fmt::format("{} {}", entity.name, key ? *key : std::to_string(other.id));
        }
        return chinese(language_) ? fmt::format("另一{}", entity.name) : fmt::format("another {}", entity.name);
    }

    Records& records_;
    Records::Parts& parts_;
    std::string_view language_;
    const query::AccessScope& reader_;
    std::vector<Violation>& out_;
    Entry* entry_ = nullptr;
    bool whole_ = false;
    const std::vector<Asked>* asked_ = nullptr;  // nullptr: everything of every field
};

}  // namespace

Result<bool> Records::filled(Row& row, FieldId field) {
    parts_->refresh(of(row), field);
    if (parts_->error) return *parts_->error;
    const Value& value = row.fields[field];
    if (value.is_null()) return false;
    if (value.kind == Kind::string) return !value.as_string().empty();
    if (value.kind == Kind::list) return !value.as_list().empty();
    return true;
}

std::vector<std::string> Records::broken_bounds(const Field& field, const Value& value, std::string_view language) {
    std::vector<std::string> out;
    bounds(field, value, [&](Problem problem, std::string_view detail) {
        out.push_back(default_message(problem, label_of(field, language), detail, language));
    });
    if (field.scalar_list && value.kind == Kind::list) {
        size_t count = value.as_list().size();
        if (field.min_items && count < *field.min_items)
            out.push_back(default_message(Problem::min_items, label_of(field, language),
                                          std::to_string(*field.min_items), language));
        if (field.max_items && count > *field.max_items)
            out.push_back(default_message(Problem::max_items, label_of(field, language),
                                          std::to_string(*field.max_items), language));
    }
    return out;
}

Result<void> Records::Parts::check_made(Entry& entry, std::string_view language, const query::AccessScope& reader,
                                        std::vector<Violation>& out) {
    std::optional<std::vector<Asked>>& asked = entities[entry.entity].asked;
    if (!asked) asked = Check::what_to_ask(entry.plan->entity);
    Check check(records, *this, language, reader, out);
    check.ask_only(*asked);
    return check.row(entry);
}

Result<void> Records::Parts::check_key(Entry& entry, std::string_view language, const query::AccessScope& reader,
                                       std::vector<Violation>& out) {
    return Check(records, *this, language, reader, out).key(entry);
}

Result<std::vector<Violation>> Records::check(std::string_view language, const query::AccessScope& reader) {
    std::vector<Violation> out;
    Check check(*this, *parts_, language, reader, out);
    for (size_t i = 0; i < parts_->touched.size(); ++i) LEAT_CHECK(check.key(of(*parts_->touched[i])));
    if (!out.empty()) return out;
    for (size_t i = 0; i < parts_->touched.size(); ++i) LEAT_CHECK(check.row(of(*parts_->touched[i])));
    return out;
}

Result<std::vector<Violation>> Records::check_stored(Row& row, std::string_view language) {
    std::vector<Violation> out;
    const query::AccessScope reader = query::AccessScope::everything();  // Check keeps a reference
    Check check(*this, *parts_, language, reader, out);
    check.ask_everything();
    LEAT_CHECK(check.key(of(row)));
    LEAT_CHECK(check.row(of(row)));
    return out;
}

Result<std::optional<Violation>> Records::judge(const program::Criterion& criterion, Row& row, const Value* locals,
                                                std::string_view code, std::string_view language,
                                                const query::AccessScope& reader) {
    const program::Entity& entity = of(row).plan->entity;
    auto violation = [&](std::string_view as, std::string message, std::vector<std::string> fields) {
        Violation v;
        v.code = as;
        v.at = criterion.at;
        v.message = std::move(message);
        v.fields = std::move(fields);
        v.entity = entity.name;
        v.key = row.key();
        v.row = &row;
        return std::optional<Violation>(std::move(v));
    };
    auto undecided = [&](const Value& answer) {
        std::string name = answer.null_reason ? std::string(answer.null_reason->name) : std::string();
        std::vector<std::string> fields;
        std::string label = name.empty() ? (chinese(language) ? "条件" : "the condition") : name;
        if (!name.empty()) {
            fields.push_back(name);
            if (const Field* field = entity.find(name)) label = label_of(*field, language);
        }
        return violation("null", default_message(Problem::undecided, label, criterion.at, language), std::move(fields));
    };
    auto evaluate = [&](const feel::Expression& condition) -> Result<Value> {
        feel::Frame running = frame(&row, locals, &condition.reads());
        Value answer = condition.evaluate(running);
        if (parts_->error) return *parts_->error;
        return answer;
    };
    if (criterion.if_) {
        LEAT_TRY(Value applies, evaluate(*criterion.if_));
        if (applies.is_null()) return undecided(applies);
        if (!applies.is_true()) return std::optional<Violation>();
    }
    auto message = [&](std::string otherwise) {
        const feel::Template* text = criterion.message.in(language);
        if (!text) return otherwise;
        return told(row, *text, locals, reader, otherwise);
    };
    std::vector<std::string> missing;
    std::string labels;
    for (FieldId field : criterion.required) {
        LEAT_TRY(bool there, filled(row, field));
        if (there) continue;
        missing.push_back(entity.fields[field].name);
        labels += fmt::format("{}{}",
                              labels.empty()      ? ""
                              : chinese(language) ? "、"
                                                  : ", ",
                              label_of(entity.fields[field], language));
    }
    if (!missing.empty())
        return violation(code, message(default_message(Problem::required, labels, "", language)), std::move(missing));
    if (!criterion.condition) return std::optional<Violation>();
    LEAT_TRY(Value answer, evaluate(*criterion.condition));
    if (answer.is_true()) return std::optional<Violation>();
    if (answer.is_null()) return undecided(answer);
    std::vector<std::string> fields;
    for (FieldId field : criterion.fields) fields.push_back(entity.fields[field].name);
    return violation(code, message(default_message(Problem::assertion, "", criterion.at, language)), std::move(fields));
}

}  // namespace leat::record
