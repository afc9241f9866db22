#include "feel/regex.hpp"

#include <deque>
#include <mutex>
#include <unordered_map>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <fmt/format.h>

#include "base/arena.hpp"
#include "base/utf8.hpp"

namespace leat::feel {

namespace {

constexpr size_t kPatternMax = 16'384;      // bytes, as PCRE2 reads it some six times as many
constexpr uint64_t kWorkMax = 4'000'000;    // of one search: some tens of milliseconds
constexpr uint32_t kMatchMax = 10'000'000;  // PCRE2's own counts; kWorkMax comes first
constexpr uint32_t kDepthMax = 1'000'000;
constexpr uint32_t kHeapMax = 32'768;  // KiB
constexpr size_t kStored = 256;        // compiled patterns, the oldest leaves first

// Counts what a search does. PCRE2's match limit starts anew at every position of the text and does not see how far a
// repetition runs, so "a*b" could take the square of the text's length; a callout before every part of the pattern
// counts the parts tried and the bytes run over.
struct Meter {
    uint64_t work = 0;
    size_t position = 0;
};

int count_work(pcre2_callout_block* block, void* data) {
    auto& meter = *static_cast<Meter*>(data);
    size_t now = block->current_position;
    meter.work += 1 + (now > meter.position ? now - meter.position : meter.position - now) / 16;
    meter.position = now;
    return meter.work > kWorkMax ? PCRE2_ERROR_CALLOUT : 0;
}

// What a thread searches with.
struct Context {
    Context() : match(pcre2_match_context_create(nullptr)) {
        if (!match) throw std::bad_alloc();
        pcre2_set_callout(match, count_work, &meter);
        pcre2_set_match_limit(match, kMatchMax);
        pcre2_set_depth_limit(match, kDepthMax);
        pcre2_set_heap_limit(match, kHeapMax);
    }
    ~Context() {
        pcre2_match_data_free(data);
        pcre2_match_context_free(match);
    }
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    // Room for a match and so many groups; PCRE2 keeps the memory of its searches there, too.
    pcre2_match_data* room(uint32_t groups) {
        if (data && groups < pairs) return data;
        pcre2_match_data_free(data);
        pairs = groups < 16 ? 16 : groups + 1;
        data = pcre2_match_data_create(pairs, nullptr);
        if (!data) throw std::bad_alloc();
        return data;
    }

    // After a long search: up to kHeapMax would stay with the thread.
    void give_back() {
        if (meter.work < kWorkMax / 16) return;
        pcre2_match_data_free(data);
        data = nullptr;
    }

    Meter meter;
    pcre2_match_context* match;
    pcre2_match_data* data = nullptr;
    uint32_t pairs = 0;
};

class Store {
 public:
    std::shared_ptr<const Regex> find(const std::string& key) {
        std::lock_guard<std::mutex> lock(mutex_);
        auto found = entries_.find(key);
        return found == entries_.end() ? nullptr : found->second;
    }
    void keep(const std::string& key, std::shared_ptr<const Regex> regex) {
        std::lock_guard<std::mutex> lock(mutex_);
        if (!entries_.emplace(key, std::move(regex)).second) return;
        order_.push_back(key);
        if (order_.size() <= kStored) return;
        entries_.erase(order_.front());
        order_.pop_front();
    }

 private:
    std::mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<const Regex>> entries_;
    std::deque<std::string> order_;
};

Store& store() {
    static Store* instance = new Store;  // never freed: threads may still search while the process ends
    return *instance;
}

char flag_bits(const RegexFlags& flags) {
    return static_cast<char>(flags.dot_all | flags.multiline << 1 | flags.ignore_case << 2 |
                             flags.ignore_whitespace << 3 | flags.literal << 4);
}

std::string key_of(std::string_view pattern, const RegexFlags& flags) {
    std::string key;
    key += flag_bits(flags);
    key += pattern;
    return key;
}

constexpr uint32_t kOptions =
    PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT;

uint32_t options_of(const RegexFlags& flags) {
    uint32_t options = kOptions | PCRE2_UCP;
    if (flags.multiline) options |= PCRE2_MULTILINE;
    if (flags.ignore_case) options |= PCRE2_CASELESS;
    return options;
}

pcre2_code* compile_pattern(const std::string& pattern, uint32_t options, std::string& fault) {
    std::unique_ptr<pcre2_compile_context, decltype(&pcre2_compile_context_free)> context(
        pcre2_compile_context_create(nullptr), &pcre2_compile_context_free);
    if (!context) throw std::bad_alloc();
    pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
    int number = 0;
    size_t place = 0;
    pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), options, &number,
                                     &place, context.get());
    if (code) {
        // Where the system allows no new machine code, searches are interpreted.
        pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
        return code;
    }
    PCRE2_UCHAR message[256];
    pcre2_get_error_message(number, message, sizeof message);
    fault = fmt::format("cannot be used: {}", reinterpret_cast<const char*>(message));
    return nullptr;
}

}  // namespace

std::shared_ptr<const Regex> Regex::get(std::string_view pattern, const RegexFlags& flags, std::string& fault) {
    // One expression asks for the same pattern again and again.
    thread_local std::string last_key;
    thread_local std::shared_ptr<const Regex> last;
    if (last && last_key.size() == pattern.size() + 1 && last_key[0] == flag_bits(flags) &&
        std::string_view(last_key).substr(1) == pattern)
        return last;
    std::string key = key_of(pattern, flags);
    if (auto known = store().find(key)) {
        last = known;
        last_key = std::move(key);
        return last;
    }
    if (pattern.size() > kPatternMax) {
        fault = fmt::format("is longer than {} bytes", kPatternMax);
        return nullptr;
    }
    if (auto plain = PlainPattern::of(pattern, flags)) {
        last.reset(new Regex(std::move(*plain)));
        last_key = key;
        store().keep(key, last);
        return last;
    }
    RegexTranslation translation = translate_regex(pattern, flags);
    fault = translation.fault;
    if (!fault.empty()) return nullptr;
    pcre2_code* code = compile_pattern(translation.pattern, options_of(flags), fault);
    if (!code) return nullptr;
    std::shared_ptr<Regex> regex(new Regex(code, translation.groups));
    std::vector<Span> spans;
    uint64_t work = 0;
    regex->matches_nothing_ = regex->search({}, 0, spans, work);
    store().keep(key, regex);
    return regex;
}

std::shared_ptr<const Regex> Regex::make_ecmascript(std::string_view pattern, std::string& fault) {
    if (pattern.size() > kPatternMax) {
        fault = fmt::format("is longer than {} bytes", kPatternMax);
        return nullptr;
    }
    RegexTranslation translation = translate_ecmascript(pattern);
    fault = translation.fault;
    if (!fault.empty()) return nullptr;
    // Without UCP: \d, \w and \b are ASCII's there.
    pcre2_code* code = compile_pattern(translation.pattern, kOptions, fault);
    if (!code) return nullptr;
    return std::shared_ptr<Regex>(new Regex(code, translation.groups));
}

Regex::~Regex() {
    if (code_) pcre2_code_free(static_cast<pcre2_code*>(code_));
}

bool Regex::search(std::string_view text, size_t from, std::vector<Span>& spans, uint64_t& work) const {
    if (plain_) {
        // As below: the whole text is checked when the search begins at its start.
        if (from == 0 && !base::valid_utf8(text)) return false;
        spans.resize(1);
        bool found = plain_->search(text, from, spans[0].begin, spans[0].end);
        work += 1 + ((found ? spans[0].end : text.size()) - from) / 16;
        return found;
    }
    thread_local Context context;
    context.meter = Meter{0, from};
    struct GiveBack {
        ~GiveBack() { context.give_back(); }
    } give_back_at_end;
    const auto* code = static_cast<const pcre2_code*>(code_);
    pcre2_match_data* data = context.room(static_cast<uint32_t>(groups_));
    const char* subject = text.empty() ? "" : text.data();
    // The whole text was checked when the search began at its start.
    uint32_t options = from == 0 ? 0 : PCRE2_NO_UTF_CHECK;
    int result =
        pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(subject), text.size(), from, options, data, context.match);
    // The compiled pattern has a small stack; interpreted, the same search may use kHeapMax.
    if (result == PCRE2_ERROR_JIT_STACKLIMIT) {
        context.meter = Meter{0, from};
        result = pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(subject), text.size(), from, options | PCRE2_NO_JIT,
                             data, context.match);
    }
    work += 1 + context.meter.work;
    if (result == PCRE2_ERROR_NOMATCH) return false;
    if (result == PCRE2_ERROR_CALLOUT || result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_DEPTHLIMIT ||
        result == PCRE2_ERROR_HEAPLIMIT)
        throw LimitError("limit.regex", "a regular expression needs more steps or memory than a search may");
    if (result == PCRE2_ERROR_NOMEMORY) throw std::bad_alloc();
    if (result < 0) return false;  // the text is not UTF-8: no pattern describes it
    const size_t* offsets = pcre2_get_ovector_pointer(data);
    spans.assign(static_cast<size_t>(groups_) + 1, Span{});
    for (size_t i = 0; i < spans.size() && i < static_cast<size_t>(result); i++) {
        if (offsets[2 * i] != PCRE2_UNSET) spans[i] = {offsets[2 * i], offsets[2 * i + 1]};
    }
    return true;
}

}  // namespace leat::feel
