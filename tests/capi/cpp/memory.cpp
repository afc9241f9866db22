// Out of memory at every single allocation: the n-th fails, n = 1, 2, 3 … until a run passes. Each failure must come
// out as a status with an error, and leave nothing half done. (The library takes operator new from this executable.)
#include <leat/leat.h>

#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>

namespace {

long left = -1;  // allocations until one fails; -1: never
bool failed = false;

void *allocate(std::size_t size) {
    if (left == 0) {
        failed = true;
        throw std::bad_alloc();
    }
    if (left > 0) --left;
    void *memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

void check(bool condition, const char *what, long n) {
    if (condition) return;
    std::fprintf(stderr, "allocation %ld: %s\n", n, what);
    std::exit(1);
}

const char kDefinitions[] =
    "leat: 1\napp: tiny\nlanguage: en\ntimezone: UTC\ncurrency: EUR\n---\n"
    "entity: thing\nfields: {a: {type: integer, required: true}, b: {type: integer, formula: a * 2}}\n";

leat_status load(leat_program **program, leat_error **error) {
    leat_source source = {leat_str_of("tiny.yaml"), leat_str_of(kDefinitions)};
    return leat_program_load(program, &source, 1, nullptr, error);
}

// call: (leat_error **) -> leat_status. Fails its n-th allocation for every n, one in `step`.
template <class Call>
long exhaust(const char *what, long step, Call &&call) {
    for (long n = 0;; n += step) {
        leat_error *error = nullptr;
        failed = false;
        left = n;
        leat_status status = call(&error);
        left = -1;
        if (!failed) {
            check(status == LEAT_OK && error == nullptr, what, n);
            return n;
        }
        // A failed allocation may also be survived: a cache that stays cold.
        check(status == LEAT_OK || error != nullptr, "a failure without an error", n);
        check(status == LEAT_OK || leat_error_message(error).size > 0, "an error without a message", n);
        leat_error_free(error);
    }
}

// What is warm allocates nothing: with no allocation left, call() goes on answering.
template <class Call>
void without_memory(const char *what, Call &&call) {
    for (int i = 0; i < 3; ++i) check(call() == LEAT_OK, what, -1);
    failed = false;
    left = 0;
    bool fine = true;
    for (int i = 0; i < 100; ++i) fine = call() == LEAT_OK && fine;
    left = -1;
    check(fine && !failed, what, 0);
}

// Decisions and guards on values at hand.
void check_hot_paths() {
    const char text[] =
        "leat: 1\napp: hot\nlanguage: en\n---\n"
        "entity: deal\nfields: {amount: {type: money, default: 0}, region: {type: string}}\n---\n"
        "decision: rate\ninputs: {amount: {type: decimal, scale: 2}, region: {type: string}}\n"
        "outputs: {rate: {type: decimal, scale: 2}}\nhit: first\ntable: |\n"
        "  | amount | region           | -> rate      |\n"
        "  | > 1000 | \"east\", \"west\" | amount * 0.2 |\n"
        "  | > 100  | -                | 0.1          |\n"
        "  | -      | -                | 0            |\n";
    leat_source source = {leat_str_of("hot.yaml"), leat_str_of(text)};
    leat_program *program = nullptr;
    leat_decision *rate = nullptr;
    leat_scratch *scratch = nullptr;
    leat_guard *guard = nullptr;
    leat_frame *frame = nullptr;
    check(leat_program_load(&program, &source, 1, nullptr, nullptr) == LEAT_OK, "load", 0);
    uint32_t deal = leat_entity_id(program, leat_str_of("deal"));
    check(leat_decision_new(&rate, program, leat_str_of("rate"), nullptr) == LEAT_OK, "decision", 0);
    check(leat_scratch_new(&scratch, nullptr) == LEAT_OK, "scratch", 0);
    check(leat_guard_new(&guard, program, deal, leat_str_of("amount > 100 and region in (\"east\", \"west\")"),
                         nullptr) == LEAT_OK,
          "guard", 0);
    check(leat_frame_new(&frame, program, deal, nullptr) == LEAT_OK, "frame", 0);
    int64_t number = 0;
    leat_value inputs[2], out;
    without_memory("leat_decide_values", [&] {
        inputs[0] = leat_value_integer(number = (number + 700) % 2000);
        inputs[1] = leat_value_string(leat_str_of(number % 3 == 0 ? "east" : "north"));
        return leat_decide_values(&out, rate, scratch, inputs, 2, nullptr);
    });
    int32_t truth = 0;
    without_memory("leat_guard_eval", [&] {
        inputs[0] = leat_value_integer(number = (number + 70) % 200);
        inputs[1] = leat_value_string(leat_str_of(number % 3 == 0 ? "east" : "north"));
        leat_status set =
            leat_frame_set(frame, leat_field_id(program, deal, leat_str_of("amount")), &inputs[0], nullptr);
        if (set == LEAT_OK)
            set = leat_frame_set(frame, leat_field_id(program, deal, leat_str_of("region")), &inputs[1], nullptr);
        return set == LEAT_OK ? leat_guard_eval(&truth, guard, frame, nullptr) : set;
    });
    leat_frame_free(frame);
    leat_guard_free(guard);
    leat_scratch_free(scratch);
    leat_decision_free(rate);
    leat_program_free(program);
}

}  // namespace

void *operator new(std::size_t size) {
    return allocate(size);
}
void *operator new[](std::size_t size) {
    return allocate(size);
}
void operator delete(void *memory) noexcept {
    std::free(memory);
}
void operator delete[](void *memory) noexcept {
    std::free(memory);
}
void operator delete(void *memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void *memory, std::size_t) noexcept {
    std::free(memory);
}

int main() {
    check_hot_paths();
    long loads = exhaust("load", 7, [](leat_error **error) {
        leat_program *program = nullptr;
        leat_status status = load(&program, error);
        check((status == LEAT_OK) == (program != nullptr), "load: result and status disagree", left);
        leat_program_free(program);
        return status;
    });

    leat_program *program = nullptr;
    check(load(&program, nullptr) == LEAT_OK, "load", 0);
    leat_engine_options options = {};
    options.struct_size = sizeof options;
    options.store_path = leat_str_of(":memory:");
    leat_engine *engine = nullptr;
    check(leat_engine_open(&engine, program, &options, nullptr) == LEAT_OK, "open", 0);
    leat_session *session = nullptr;
    check(leat_session_open(&session, engine, leat_str_of("system"), nullptr) == LEAT_OK, "session", 0);
    long made = 0;
    long creates = exhaust("create", 1, [&](leat_error **error) {
        leat_outcome *outcome = nullptr;
        leat_status status =
            leat_session_create(&outcome, session, leat_str_of("thing"), leat_str_of("{\"a\":1}"), error);
        check((status == LEAT_OK) == (outcome != nullptr), "create: result and status disagree", left);
        if (outcome != nullptr && !leat_outcome_refused(outcome)) ++made;
        leat_outcome_free(outcome);
        return status;
    });
    // Nothing acknowledged is lost, nothing that failed is there.
    leat_text *list = nullptr;
    check(leat_session_list(&list, session, leat_str_of("thing"), leat_str_of(""), 0, 1000000, nullptr) == LEAT_OK,
          "list", 0);
    std::string records(leat_text_str(list).data);
    long found = 0;
    for (size_t at = records.find("\"key\""); at != std::string::npos; at = records.find("\"key\"", at + 1)) ++found;
    leat_text_free(list);
    std::printf("%ld allocations of a load, %ld of a create; %ld made, %ld found\n", loads, creates, made, found);
    check(found == made, "records made and found differ", found);
    leat_text *verified = nullptr;
    check(leat_engine_verify(&verified, engine, nullptr) == LEAT_OK, "verify", 0);
    check(std::string(leat_text_str(verified).data).find("\"ok\":true") != std::string::npos, "the log does not verify",
          0);
    leat_text_free(verified);
    leat_session_free(session);
    leat_engine_free(engine);
    leat_program_free(program);
    return 0;
}
