// engine: the unit of work. Loads, asks the kernels and applies their effects, in the exact order of SEMANTICS 1; one
// command, one transaction. It conducts and computes nothing: votes, guards, tables and roll-ups are lower rooms'.
//
// Start reading at Session::send and unit_of_work.hpp. Engine is shared by its sessions and internally locked for
// writes; a Session is one actor and one thread at a time.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/result.hpp"
#include "journal/journal.hpp"
#include "outbox/outbox.hpp"
#include "program/program.hpp"
#include "record/load.hpp"
#include "record/records.hpp"
#include "store/store.hpp"
#include "timer/timer.hpp"

namespace leat::engine {

// Why a command was refused, in LANGUAGE section 7's shape. Not an error.
struct Refusal {
    std::string code;     // guard.none, criteria.entry, criteria.exit, constraint, null, access.event, access.row, …
    std::string at;       // "sales_flow.discovery.exit_criteria[1]"
    std::string message;  // in the session's language
    std::vector<std::string> fields;
    // Where those of the command's own record are: JSON Pointers (RFC 6901) into its document, "/lines/2/quantity";
    // into "/event" for what an event brings along.
    std::vector<std::string> pointers{};
};

// What a command did. `json` is the whole story, cut to what the actor may see:
// {"refused":false,"sequence":7,"entity":"opportunity","key":"OPP-1","version":7,"state":{"sales_flow":"won"},
//  "changed":[{"entity":…,"key":…,"operation":"update","changes":{field:[old,new]}}],"raised":[…],"tasks":[…],
//  "calls":[…],"notices":[…],"refusals":[{code,at,message,fields,pointers}]}
struct Outcome {
    bool refused = false;
    int64_t sequence = 0;  // of its log row; 0 when refused or when nothing changed
    std::string entity, key;
    int64_t id = 0;
    int64_t version = 0;
    std::vector<Refusal> refusals;
    std::string json;
};

struct Options {
    store::OpenOptions store;
    sqlite3* joined = nullptr;  // the host's own connection instead of store.path (SEMANTICS 3)
    Limits limits;
    Clock* clock = nullptr;    // not owned; nullptr: the system's
    Random* random = nullptr;  // not owned; nullptr: the system's
    std::string language;      // of messages; "": the app's
    std::string files_folder;  // where the contents of files are; "": in the store
    bool deploy_first = true;  // an empty file takes the program's definitions at once
};

// A look-up that a `functions:` entry without a formula asks for: arguments as a JSON array in, JSON value out.
using HostFunction = std::function<Result<std::string>(std::string_view arguments_json)>;
// Delivers one outbox item. Answers a receipt (kept with the item), or an error: retried later with growing delay.
struct Delivery {
    int64_t id = 0;            // stable effect key: receivers deduplicate by it
    std::string_view topic;    // "erp.create_order", or the notice's name
    std::string_view payload;  // JSON
    int64_t attempt = 1;
};
using Handler = std::function<Result<std::string>(const Delivery&)>;

struct RunDue {
    int64_t fired = 0;  // timers that did something
    int64_t stale = 0;  // timers whose state had been left
    int64_t incidents = 0;
    int64_t expired = 0;  // messages
    int64_t taken = 0;    // due timers that were looked at
    int64_t lateness_us_max = 0;
    bool more = false;  // the bound was met
};
struct Delivered {
    int64_t done = 0, failed = 0, unknown = 0;
    bool more = false;
};

struct ImportOptions;  // exchange.hpp
struct ExportOptions;
struct LoadOptions;  // load.hpp
class BulkLoad;
class Session;
class UnitOfWork;
class Reading;
class Importer;
class Exporter;

// What a deployment does besides making tables and columns that are new; each part may be empty. All of it is one
// transaction, in this order, and exempt from the limits of a command.
struct Adoption {
    // Under the former definitions; what it writes is undone. It may put others in the place of the new ones.
    std::function<Result<void>(UnitOfWork&, std::shared_ptr<const program::Program>&)> before;
    std::function<Result<void>(store::Connection&)> tables;
    std::function<Result<void>(UnitOfWork&)> after;    // under the new ones, before the rows are written
    std::function<Result<void>(UnitOfWork&)> filled;   // then, once empty fields have their defaults
    std::function<Result<void>(UnitOfWork&)> written;  // once they are; an error undoes everything
    std::string more;                                  // members for the log row's command: `,"undo":true`
    bool rehearse = false;                             // everything is undone at the end; the outcome has no sequence
};

class Engine : public std::enable_shared_from_this<Engine> {
 public:
    // `program` nullptr: the definitions stored in the file. A file whose definitions differ from the program's answers
    // conflict "engine.definitions_changed": deploy first.
    static Result<std::shared_ptr<Engine>> open(std::shared_ptr<const program::Program> program, Options options);
    ~Engine();

    // actor: the key of a record of `user`, or "system" (the host itself: may do everything).
    Result<std::unique_ptr<Session>> session(std::string_view actor);
    // `actor` works as another user, with his rights and no others: for holders of a role with `impersonate`, and the
    // system. Opening it is a command of the actor's, and every command names both. Error: usage access.impersonate.
    Result<std::unique_ptr<Session>> session(std::string_view actor, std::string_view as);

    Result<void> on_function(std::string_view name, HostFunction function);
    // topic: "erp.create_order", "erp.*" or "notice.*"; the most exact one is asked.
    Result<void> on_delivery(std::string_view topic, Handler handler);

    // Host pumps. Each timer is a command of its own, as the system.
    Result<RunDue> run_due(int64_t max);
    Result<std::optional<int64_t>> next_due_us();
    // Claims (committed with FULL), asks the handlers outside any transaction, writes receipts.
    Result<Delivered> deliver(int64_t max);
    // Drops files that no record names and that were put longer ago than this. How many.
    Result<int64_t> drop_unused_files(int64_t older_than_us);
    // A message from outside; the same (name, id) again is recognised and answered without effect.
    Result<Outcome> receive(std::string_view name, std::string_view id, std::string_view payload_json);

    Result<journal::Verification> verify();
    // Makes `program` the file's definitions: tables and columns that are new, the sources, one log row. Checks
    // nothing: src/deploy plans and refuses first. Sessions of this engine go on under the new definitions.
    Result<Outcome> adopt(std::shared_ptr<const program::Program> program, std::string_view actor,
                          const Adoption& adoption = {});
    // Moves what the log says of the time before into an archive file beside the database, or in `folder`: never the
    // last row, nor what open approvals need. The outcome's JSON has "rows" and "archive", null when there was nothing.
    Result<Outcome> seal(int64_t before_us, const std::string& folder);
    // What the definitions say of how long data are kept: erases what is personal in records whose retention is over,
    // then moves rows of the log that are older than `keep_log` into an archive, as seal() does.
    Result<Outcome> retain(const std::string& folder);
    Result<std::vector<journal::Archive>> archives();
    // A copy of the file at `path`, which must not exist yet.
    Result<void> backup(const std::string& path);
    // What became of an outbox item whose delivery is `unknown` or `failed`: "done" (with a receipt), "retry" or
    // "failed".
    Result<void> resolve_delivery(int64_t id, std::string_view decision, std::string_view receipt);
    // An incident that somebody dealt with: "retried" or "dismissed".
    Result<void> close_incident(int64_t id, std::string_view status);

    // Nothing cached of the file is trusted any more.
    void forget();
    const program::Program& program() const { return *program_; }
    std::shared_ptr<const program::Program> shared_program() const { return program_; }
    store::Connection& connection() { return *writer_; }

 private:
    friend class Session;
    friend class UnitOfWork;
    friend class Reading;
    friend class Importer;
    friend class Exporter;
    friend class BulkLoad;
    Engine() = default;
    struct Parts;
    Result<void> initialise();  // tables of an empty file, and the first definitions
    void prepare(std::shared_ptr<const program::Program> program);
    Result<void> read_flow_versions();
    Result<void> number_flows(const program::Program* before, const std::string& before_hash);
    Result<void> erase_past_retention(Outcome& outcome, int64_t& roots, int64_t& records, int64_t& log_rows);
    Result<Outcome> rehearse_on(std::unique_ptr<store::Connection> connection,
                                const std::shared_ptr<const program::Program>& program, std::string_view actor,
                                const Adoption& adoption);
    static Result<Outcome> adopt_here(Engine& engine, std::shared_ptr<const program::Program> program,
                                      std::string_view actor, const Adoption& adoption);
    Result<Outcome> adopt_in_transaction(std::shared_ptr<const program::Program> program, std::string_view actor,
                                         const Adoption& adoption);
    Result<void> refresh(bool in_batch);  // what is cached of the file, when somebody else wrote
    Result<std::string> call_handler(const outbox::Item& item, bool& registered);
    Result<void> raise_incident(std::string_view entity, int64_t record, std::string_view place, std::string_view error,
                                bool nested, const std::function<Result<int64_t>(UnitOfWork&)>& also);
    Result<void> fire_one(const timer::Timer& timer, RunDue& done);
    Result<bool> fire_batch(int64_t max, RunDue& done);
    Result<void> retry_messages(int64_t max, RunDue& done);
    Result<void> recompute_timers();
    Result<void> verify_loads(journal::Verification& found);
    Result<void> answer_call(const outbox::Item& item);
    Result<void> note_zone_database();
    int64_t clock_us();
    std::shared_ptr<const program::Program> program_;
    std::unique_ptr<store::Connection> writer_;
    Options options_;
    std::unique_ptr<Parts> parts_;
};

// Inputs are JSON objects {field: value}; "" is {}. `version` 0: any; else the record's version must be it, or the
// command fails with conflict "record.version" naming both.
class Session {
 public:
    ~Session();
    Result<Outcome> create(std::string_view entity, std::string_view input_json);
    Result<Outcome> patch(std::string_view entity, std::string_view key, std::string_view input_json,
                          int64_t version = 0);
    Result<Outcome> remove(std::string_view entity, std::string_view key, int64_t version = 0);
    Result<Outcome> send(std::string_view entity, std::string_view key, std::string_view event,
                         std::string_view input_json, int64_t version = 0);
    // The fast door: numbers resolved once against the program. `input` has one value per payload field of the event.
    Result<Outcome> send(program::EntityId entity, int64_t id, uint32_t flow, flow::EventId event,
                         std::span<const Value> input, int64_t version);
    Result<void> send_into(Outcome& outcome, program::EntityId entity, int64_t id, uint32_t flow, flow::EventId event,
                           std::span<const Value> input, int64_t version, bool with_json);
    // decision: approve, reject (approvals), done (to-dos).
    Result<Outcome> complete_task(int64_t task, std::string_view decision, std::string_view comment,
                                  std::string_view input_json = {});
    // Out of order, by the system or a holder of the role `administrator`, with a reason that is logged. A suspended
    // record refuses commands with "record.suspended"; its timers and the events that others send it wait.
    Result<Outcome> suspend(std::string_view entity, std::string_view key, std::string_view reason);
    Result<Outcome> resume(std::string_view entity, std::string_view key, std::string_view reason);
    // Leaves all states of a flow and enters this one, whatever guards and criteria say.
    Result<Outcome> jump(std::string_view entity, std::string_view key, std::string_view flow, std::string_view state,
                         std::string_view reason);
    // Erases what fields call personal, of a record and of those that refer to it: rows, log, archives, tasks,
    // deliveries, messages. By the system or an administrator, with a reason that is logged. Writes the file anew.
    // Errors: usage erase.nothing, erase.joined; not_found journal.archive.
    Result<Outcome> erase(std::string_view entity, std::string_view key, std::string_view reason);
    // Opens one record to "user:KEY" or "role:NAME" for "read" or "write"; "none" revokes. For those whom the entity's
    // access gives `share`, and what they may do themselves.
    Result<Outcome> share(std::string_view entity, std::string_view key, std::string_view holder,
                          std::string_view right);
    // Makes one record of two: `other` is deleted, what referred to it refers to `key`, its lines join those that are
    // there. Fields of `key` stay; empty ones, and those in `take` (a JSON array of names, or ""), are the other's.
    // Needs the right to write the one and to delete the other. One command in the log.
    Result<Outcome> merge(std::string_view entity, std::string_view key, std::string_view other,
                          std::string_view take_json, int64_t version = 0);
    // Bytes under their SHA-256 (in hexadecimal digits), for fields of type file. The same again is kept once.
    Result<std::string> put_file(std::string_view bytes);
    // Those of a file that a field of this record, or of a line of it, names and the actor may read. Error: not_found
    // file.unknown.
    Result<std::string> get_file(std::string_view entity, std::string_view key, std::string_view sha256);
    Result<Outcome> change_setting(std::string_view name, std::string_view valid_from, std::string_view value);
    // Several commands, one commit. A refused command in a batch is undone alone.
    Result<void> begin_batch();
    Result<void> commit_batch();
    Result<void> rollback_batch();

    // Records of a table, in the actor's name; docs/import.md has the answer. Errors: of the source and the mapping
    // (import.…), store, conflict "import.job"; a row that cannot be imported is no error but a rejection.
    Result<std::string> import_records(std::string_view entity, const ImportOptions& options);
    // Records that the actor may export, as bytes; a command of the log says who, how many rows and their SHA-256.
    // {"rows","withheld","bytes","sha256","sequence"}. Errors: usage "export.field", "access.export", "where.invalid".
    Result<std::string> export_records(std::string_view entity, const ExportOptions& options);

    // Many new records from columns, each checked as create() checks it, in the actor's name; rejected ones are left
    // out. {"created","rejected","rejections":[{row,field,code,message}],"more_rejections","kept","first_id","last_id",
    // "first_sequence","last_sequence","one_by_one"}: why each was a command of its own, "" where they were not.
    // Errors: usage "load.field".
    Result<std::string> load(program::EntityId entity, std::span<const record::LoadColumn> columns, size_t rows,
                             const LoadOptions& options);

    // Reads; JSON, cut to what the actor may see. A record that may not be read is not_found.
    Result<std::string> show(std::string_view entity, std::string_view key);
    // A decision of that record (of a decision `of` an entity), or with these inputs: {"answer", "reason": {"code",
    // "text"}, "explanation", "text"}, as far as they apply and were asked for.
    struct DecideOptions {
        std::string_view as_of;  // a date: what today() is, and the day of settings and dated rows; "": today
        bool explain = false;
        bool kinds = false;  // with "kinds": what each value is
        bool text = false;   // the explanation also in English
        size_t nearest = 0;  // rows of a table that missed by the fewest cells
    };
    Result<std::string> decide(std::string_view decision, std::string_view key, std::string_view inputs_json,
                               const DecideOptions& options);
    // where: a FEEL condition over the record, "" all. {"records":[…],"next":id or null}
    Result<std::string> list(std::string_view entity, std::string_view where, int64_t after_id, int64_t limit);
    // Records as a JSON query asks for them (report/listing.hpp): condition, search, order, pages, fields, groups.
    Result<std::string> query(std::string_view entity, std::string_view query_json);
    // A record with all around it: what it refers to, what refers to it (at most `limit` a list, the newest first),
    // tasks, messages, service levels, shares, and a timeline of all of these.
    Result<std::string> view(std::string_view entity, std::string_view key, int64_t limit);
    Result<std::string> tasks(bool everybody, int64_t limit);
    // Records that may be the same as this one, or, with an empty key, as what a record with these fields would be, by
    // the entity's duplicate rules: [{"key","display","similarity","rule","id","fields"}], the likest first.
    Result<std::string> duplicates(std::string_view entity, std::string_view key, std::string_view input_json,
                                   int64_t limit);
    Result<std::string> report(std::string_view name, std::string_view params_json);
    Result<std::string> log(std::string_view entity, std::string_view key, int64_t from, int64_t limit);
    Result<std::string> slas();
    // Clocks kept, breached and cancelled from one day to before another ("": without bound), by "year", "month",
    // "week", "day" or "" (all in one). Error: usage sla.period.
    Result<std::string> sla_report(std::string_view from, std::string_view to, std::string_view by);
    Result<std::string> outbox(std::string_view status, int64_t limit);
    Result<std::string> incidents(bool open_only, int64_t limit);
    Result<std::string> settings();
    // Records that will not move by themselves and that nobody can move: [{entity, key, flow, state, since, reason,
    // detail}], reason one of suspended, incident, delivery, nothing_to_wait_for. Of records the actor may read.
    Result<std::string> stuck(int64_t limit);
    // Values of some fields of a record, by number, valid until the next call on this session.
    Result<void> read_fields(program::EntityId entity, int64_t id, std::span<const program::FieldId> fields, Value* out,
                             int64_t* version);
    Result<int64_t> id_of(std::string_view entity, std::string_view key);

    void interrupt();  // any thread: the running command or read ends with store.interrupted
    const std::string& actor() const { return actor_; }
    void set_language(std::string_view language);  // of messages; "": the app's
    Engine& engine() { return *engine_; }

    // For rooms above (explanation): runs `work` on a consistent view in the actor's name.
    Result<void> read(const std::function<Result<void>(Reading&)>& work);

 private:
    friend class Engine;
    friend class UnitOfWork;
    friend class Reading;
    friend class Importer;
    friend class Exporter;
    friend class BulkLoad;
    Session(std::shared_ptr<Engine> engine, std::string actor);
    // One command: takes the transaction, does `body`, concludes; a refusal comes back as an outcome.
    Result<void> command(Outcome& outcome, bool with_json,
                         const std::function<Result<record::Row*>(UnitOfWork&, std::string& command_json)>& body);
    std::shared_ptr<Engine> engine_;
    std::string actor_;
    bool batch_ = false;
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace leat::engine
