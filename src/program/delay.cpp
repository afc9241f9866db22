// Delays and schedules: `for`, `at`, `since`, `every`, `repeat`, `times` and `late` of timers, `every` of rules.
#include <algorithm>

#include <fmt/format.h>

#include "program/compiler.hpp"

namespace leat::program {

using feel::TypeKind;

namespace {

// A schedule's last word may be a calendar: "0 9 * * * office", "@daily office".
size_t calendar_word(std::string_view text) {
    size_t space = text.rfind(' ');
    if (space == std::string_view::npos) return std::string_view::npos;
    std::string_view before = text.substr(0, space);
    bool whole = calendar::looks_like_cron(before) && (before[0] != '@' || before.find(' ') == std::string_view::npos);
    return whole ? space : std::string_view::npos;
}

// A duration has one word, or two with a calendar: what has more means to be a schedule.
bool is_schedule(std::string_view text) {
    if (std::count(text.begin(), text.end(), ' ') >= 2) return true;
    return calendar::looks_like_cron(text) || calendar_word(text) != std::string_view::npos;
}

}  // namespace

bool is_delay_text(std::string_view text) {
    if (text.starts_with('P')) return value::parse_duration(text.substr(0, text.find(' '))).has_value();
    return is_schedule(text) || calendar::parse_repeat(text).has_value();
}

// What a timer's firing tells its transition: the how-manieth it is, and when it was due.
void Compiler::timer_payloads(Flow& flow) {
    bool any = std::any_of(flow.events.begin(), flow.events.end(),
                           [](const Event& event) { return event.origin == EventOrigin::timer; });
    if (!any) return;
    for (Event& event : flow.events) {
        if (event.origin != EventOrigin::timer) continue;
        std::vector<model::Field> fields(2);
        fields[0].name.text = "count";
        fields[0].type.text = "integer";
        fields[1].name.text = "due";
        fields[1].type.text = "datetime";
        for (model::Field& field : fields) field.required.text = "true";
        event.payload = shapes(fields, event.name);
        event.payload_type = context_of(event.payload);
    }
}

void Compiler::compile_timers(FlowDraft& draft, Flow& flow) {
    for (size_t i = 0; i < flow.timers.size(); ++i) {
        const Text& name = draft.timer_delays[i];
        Timer& timer = flow.timers[i];
        auto delay = std::find_if(draft.source.delays.begin(), draft.source.delays.end(),
                                  [&](const model::Delay& one) { return one.name.text == name.text; });
        if (delay != draft.source.delays.end()) {
            compile_timer(*delay, flow_names(flow), timer);
        } else if (name.text.starts_with('P')) {
            timer.wait = pace({name, false}, flow_names(flow));
        } else {
            timer_every({name, false}, flow_names(flow), timer);
        }
        timer_reads(flow.entity, timer);
    }
    std::map<std::string, Span, std::less<>> known;
    for (const model::Delay& delay : draft.source.delays) {
        if (!declare(known, delay.name, "delay")) continue;
        bool used = std::any_of(draft.timer_delays.begin(), draft.timer_delays.end(),
                                [&](const Text& one) { return one.text == delay.name.text; });
        if (!used)
            warning("program.delay.unused", delay.name.span,
                    fmt::format("no state waits for delay '{}'", delay.name.text));
    }
}

void Compiler::compile_timer(const model::Delay& delay, const Names& names, Timer& timer) {
    int ways = !delay.for_.empty() + !delay.at.empty() + !delay.every.empty();
    if (ways > 1) {
        error("program.delay", delay.name.span,
              fmt::format("delay '{}' says more than one of 'for', 'at' and 'every'", delay.name.text));
    }
    timer.wait = pace(delay.for_, names);
    auto moment = [&](const Text& text) {
        ExpressionPtr out = expression(text, names);
        if (!out) return out;
        TypeKind kind = out->type()->kind;
        if (kind != TypeKind::date && kind != TypeKind::date_time && kind != TypeKind::any && kind != TypeKind::null) {
            error("program.type", text.span,
                  fmt::format("this wants a date or a date and time, not {}", feel::describe(out->type())));
        }
        return out;
    };
    if (!delay.at.empty()) timer.at = moment(delay.at);
    if (!delay.since.empty()) timer.since = moment(delay.since);
    if (!delay.since.empty() && !delay.at.empty())
        error("program.delay", delay.since.span, "'at' is a moment of its own: it takes no 'since'");
    if (!delay.repeat.empty()) {
        timer.repeat = pace(delay.repeat, names);
        check_interval(timer.repeat, delay.repeat.text.span);
        if (!delay.every.empty()) error("program.delay", delay.repeat.text.span, "'every' repeats already");
    }
    if (!delay.every.empty()) timer_every(delay.every, names, timer);
    if (!delay.times.empty()) timer_times(delay, names, timer);
    if (!delay.late.empty()) timer_late(delay.late, timer);
}

// A duration, a schedule, or a repeat, which also says how often.
void Compiler::timer_every(const model::Operand& source, const Names& names, Timer& timer) {
    auto found = schedule(source, names);
    if (!found) return;
    if (found->start_us) {
        error("program.delay", source.text.span, "a repeat with a start of its own has no place in a state",
              "leave the start out, or write 'since'");
    }
    if (found->times != INT64_MAX) {
        timer.times.present = true;
        timer.times.constant = Value::number(Decimal(found->times));
    }
    // Twice the same: a pace owns its expression.
    timer.repeat = std::move(found->pace);
    Diagnostics muted;
    Diagnostics* heard = std::exchange(diagnostics_, &muted);
    if (auto again = schedule(source, names)) timer.wait = std::move(again->pace);
    diagnostics_ = heard;
}

void Compiler::timer_times(const model::Delay& delay, const Names& names, Timer& timer) {
    if (delay.repeat.empty() && delay.every.empty()) {
        error("program.delay", delay.times.text.span, "'times' needs 'repeat' or 'every'");
        return;
    }
    if (timer.times.present) {
        error("program.delay", delay.times.text.span, "the repeat says how often already");
        return;
    }
    if (delay.times.is_expression) {
        timer.times.present = true;
        timer.times.expression = expression(delay.times.text, names, types_.basic(TypeKind::number));
    } else if (auto times = integer(delay.times.text, "times", 1, 1'000'000)) {
        timer.times.present = true;
        timer.times.constant = Value::number(Decimal(*times));
    }
}

void Compiler::timer_late(const Text& source, Timer& timer) {
    if (source.text == "each") return;
    if (source.text == "coalesce") {
        timer.late = OnLate::coalesce;
    } else if (source.text.starts_with('P')) {
        timer.late = OnLate::within;
        timer.late_most.present = true;
        if (auto constant = duration_literal(source)) timer.late_most.constant = *constant;
    } else {
        error("program.delay.late", source.span, fmt::format("'late' cannot be '{}'", source.text),
              "each, coalesce, or how late it may still fire: PT1H");
    }
}

// What may move a pending timer: fields of its record, which are watched, and more, which is not.
void Compiler::timer_reads(EntityId entity, Timer& timer) {
    for (const feel::Expression* one : {timer.at.get(), timer.since.get(), timer.wait.duration.expression.get()}) {
        if (!one) continue;
        for (FieldId field : own_reads(*one, entity)) timer.reads.push_back(field);
        if (one == timer.wait.duration.expression.get()) timer.wait_moves = !own_reads(*one, entity).empty();
        const feel::Reads& reads = one->reads();
        bool through = std::any_of(reads.fields.begin(), reads.fields.end(),
                                   [](const feel::Read& read) { return read.through_reference; });
        timer.elsewhere = timer.elsewhere || through || reads.clock || !reads.collections.empty() ||
                          !reads.objects.empty() || !reads.functions.empty();
    }
    std::sort(timer.reads.begin(), timer.reads.end());
    timer.reads.erase(std::unique(timer.reads.begin(), timer.reads.end()), timer.reads.end());
}

Pace Compiler::pace(const model::Operand& source, const Names& names) {
    Pace out;
    if (source.empty()) return out;
    out.text = source.text.text;
    if (source.is_expression || !is_schedule(source.text.text)) {
        out.duration = duration_operand(source, names);
        return out;
    }
    std::string_view five = source.text.text;
    if (size_t space = calendar_word(five); space != std::string_view::npos) {
        Text name = slice(source.text, space + 1, source.text.text.size());
        five = five.substr(0, space);
        if (auto index = names.calendar(name.text)) {
            out.calendar = *index + 1;
        } else {
            std::vector<std::string> known;
            for (const calendar::Calendar& one : program_.calendars) known.push_back(one.name());
            unknown("program.calendar.unknown", name, "calendar", known);
        }
    }
    auto cron = calendar::Cron::parse(five);
    if (cron) {
        out.cron = std::move(*cron);
    } else {
        error(cron.error().code, source.text.span, cron.error().message);
    }
    return out;
}

// What repeats must lead on, or it would never come to an end.
void Compiler::check_interval(const Pace& pace, const Span& span) {
    if (pace.cron || pace.duration.expression || !pace.duration.present) return;
    const Value& constant = pace.duration.constant;
    bool leads_on = constant.kind == value::Kind::days_duration ? constant.as_days_duration() > value::DaysDuration()
                    : constant.kind == value::Kind::months_duration ? constant.as_months_duration().months > 0
                                                                    : true;
    if (!leads_on)
        error("program.delay", span, fmt::format("'{}' leads nowhere: what repeats needs time in between", pace.text),
              "write a duration of more than nothing, such as PT1H");
}

std::optional<Schedule> Compiler::schedule(const model::Operand& source, const Names& names) {
    Schedule out;
    out.text = source.text.text;
    auto repeat = source.is_expression ? std::nullopt : calendar::parse_repeat(source.text.text);
    if (!repeat) {
        out.pace = pace(source, names);
        check_interval(out.pace, source.text.span);
        return out.pace.present() ? std::optional(std::move(out)) : std::nullopt;
    }
    if (!*repeat) {
        error(repeat->error().code, source.text.span, repeat->error().message);
        return std::nullopt;
    }
    out.times = (*repeat)->times;
    if (!(*repeat)->start.empty()) {
        auto start = value::DateTime::parse((*repeat)->start);
        if (!start) {
            error("calendar.repeat", source.text.span,
                  fmt::format("'{}' is no date and time to start at", (*repeat)->start),
                  "write it as R3/2026-01-01T09:00:00+08:00/P1D");
            return std::nullopt;
        }
        if (start->zone.kind == ZoneKind::local) start->zone = program_.time_zone;
        out.start_us = start->utc_us();
    }
    model::Operand interval{
        slice(source.text, source.text.text.size() - (*repeat)->interval.size(), source.text.text.size()), false};
    out.pace.duration = duration_operand(interval, names);
    out.pace.text = interval.text.text;
    check_interval(out.pace, interval.text.span);
    return out;
}

}  // namespace leat::program
