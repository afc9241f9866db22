// Event logs: CSV in its dialects, XES cut into traces, damaged and strange files.
#include "exchange/event_log.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "catch.hpp"

using namespace leat;
using exchange::LogColumns;

namespace {

struct Told final : exchange::LogReader {
    std::string text;
    Result<void> event(std::string_view case_id, exchange::LogEvent event) override {
        text += std::string(case_id) + " " + event.activity;
        if (event.time_us) text += " " + std::to_string(*event.time_us / 1'000'000);
        text += "\n";
        return {};
    }
    Result<void> trace_end(std::string_view case_id) override {
        text += std::string(case_id) + " ends\n";
        return {};
    }
};

class File {
 public:
    explicit File(const std::string& text) {
        path = (std::filesystem::temp_directory_path() / ("leat_log_" + std::to_string(getpid()))).string();
        std::ofstream(path, std::ios::binary) << text;
    }
    ~File() { std::filesystem::remove(path); }
    std::string path;
};

// What the reader is told, or the code and the message of the error.
std::string read(const std::string& text, const LogColumns& columns = {}) {
    File file(text);
    Told told;
    auto done = exchange::read_event_log(file.path, columns, told);
    if (done) return told.text;
    return done.error().code + ": " + done.error().message.substr(done.error().message.find(": ") + 2);
}

LogColumns columns(const char* case_id, const char* activity, const char* time, const char* format = "") {
    LogColumns out;
    out.case_id = case_id;
    out.activity = activity;
    out.time = time;
    out.time_format = format;
    return out;
}

}  // namespace

TEST_CASE("CSV logs: usual and named columns, quotes, separators, line ends") {
    CHECK(read("\xEF\xBB\xBF\n\ncase,activity,timestamp\r\n1,\"提交, \"\"急\"\"\",1970-01-02T00:00:00Z\r\n\r\n2,b,") ==
          "1 提交, \"急\" 86400\n2 b\n");
    CHECK(read("case:concept:name;concept:name;x\n1;a\nb;c\n") ==
          "log.syntax: line 2: the row has 2 cells, the header 3");
    CHECK(read("case:concept:name;concept:name;x\n1;\"a\nb\";c\n2;d;\n") == "1 a\nb\n2 d\n");
    CHECK(read("号\t步骤\t时\n1\t甲\t29/2/2016 01:16\n", columns("号", "步骤", "时", "%d/%m/%Y %H:%M")) ==
          "1 甲 1456708560\n");
    LogColumns complete;
    complete.lifecycle = "complete";
    CHECK(read("case,activity,lifecycle:transition\n1,a,start\n1,a,COMPLETE\n", complete) == "1 a\n");
    CHECK(read("case,activity\n1,a\n", complete).rfind("log.column", 0) == 0);
    CHECK(read("a,b\n1,2\n") ==
          "log.column: no column is called as the case usually is: name it; the columns are a, b");
    CHECK(read("case,b\n1,2\n", columns("case", "c", "")) ==
          "log.column: there is no column 'c' for the activity; the columns are case, b");
    CHECK(read("case,activity\n1,\"a\n").rfind("log.syntax: line 2: a quote is never closed", 0) == 0);
    CHECK(read("case,activity\n1,\"a\"b\n") == "log.syntax: line 2: text after a closing quote");
    CHECK(read("case,activity,time\n1,a,yesterday\n").rfind("log.time: line 2: 'yesterday' is no time such as", 0) ==
          0);
    CHECK(read("case,activity\n1,\xFF\n").rfind("log.encoding", 0) == 0);
    CHECK(read("") == "log.syntax: the log is empty");
    Told told;
    auto none = exchange::read_event_log("/nonexistent/log.csv", {}, told);
    REQUIRE_FALSE(none);
    CHECK(none.error().code == "log.not_found");
}

TEST_CASE("times of logs") {
    auto time = [](const char* text, const char* format = "") {
        auto us = exchange::parse_log_time(text, format);
        return us ? std::to_string(*us) : "none";
    };
    CHECK(time("1970-01-01T00:00:01.25Z") == "1250000");
    CHECK(time("1970-01-01T01:00:00+01:00") == "0");
    CHECK(time("1970-01-01 01:00:00.000001") == "3600000001");
    CHECK(time("1970-01-02") == "86400000000");
    CHECK(time("1969-12-31T23:59:59-0030") == "1799000000");
    CHECK(time("2/1/70 3%", "%d/%m/70 %S%%") == "86403000000");
    CHECK(time("2021-02-29") == "none");
    CHECK(time("2020-02-29T24:00:00Z") == "none");
    CHECK(time("") == "none");
    CHECK(time("1", "%q") == "none");
}

TEST_CASE("XES logs are read trace by trace") {
    const std::string head =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- <trace> -->\n<log>"
        "<global scope=\"trace\"><string key=\"concept:name\" value=\"x\"/></global>";
    auto event = [](const std::string& name, const std::string& more = "") {
        return "<event><string key=\"concept:name\" value=\"" + name + "\"/>" + more + "</event>";
    };
    const std::string timed = "<date key=\"time:timestamp\" value=\"1970-01-01T00:01:00.000+00:00\"/>";
    auto text = read(head + "<trace><string key=\"concept:name\" value=\"甲 &amp; 乙\"/>" + event("a &gt; b", timed) +
                     event("c", "<!-- </trace> --><string key=\"k\" value=\"</trace>\"/>") +
                     "</trace>\n<trace/><trace >" + event("d") + "</trace></log>");
#if LEAT_SCXML
    CHECK(text == "甲 & 乙 a > b 60\n甲 & 乙 c\n甲 & 乙 ends\n2 ends\n3 d\n3 ends\n");
    CHECK(read(head + "<trace>" + event("a")) == "log.syntax: the log ends before </log>");
    CHECK(read(head + "<trace>" + event("a") + "</trace>") == "log.syntax: the log ends before </log>");
    CHECK(read(head + "<trace><event></trace></log>").rfind("log.syntax: trace 1 is not well-formed XML", 0) == 0);
    CHECK(read(head + "<trace><event/></trace></log>") == "log.column: an event of case '1' has no 'concept:name'");
    CHECK(read("<html><body/></html>") == "log.syntax: this is no XES log: it begins with <html>");
    CHECK(read("<?xml version='1.0' encoding='GB2312'?><log/>") ==
          "log.encoding: the log is written in GB2312: save it as UTF-8");
    CHECK(read(head + "</log").rfind("log.syntax: the log ends inside of a tag", 0) == 0);
    LogColumns complete;
    complete.lifecycle = "complete";
    CHECK(read(head + "<trace>" + event("a", "<string key=\"lifecycle:transition\" value=\"START\"/>") +
                   event("a", "<string key=\"lifecycle:transition\" value=\"Complete\"/>") + "</trace></log>",
               complete) == "1 a\n1 ends\n");
#else
    CHECK(text.rfind("log.not_built", 0) == 0);
#endif
}

TEST_CASE("compressed logs, whole and damaged") {
    // printf 'case,activity\n1,a\n' | gzip -n
    const unsigned char packed[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x4b, 0x4e, 0x2c,
                                    0x4e, 0xd5, 0x49, 0x4c, 0x2e, 0xc9, 0x2c, 0xcb, 0x2c, 0xa9, 0xe4, 0x32, 0xd4,
                                    0x49, 0xe4, 0x02, 0x00, 0x4b, 0xc2, 0x67, 0xc6, 0x12, 0x00, 0x00, 0x00};
    std::string whole(reinterpret_cast<const char*>(packed), sizeof packed);
#if LEAT_GZIP
    CHECK(read(whole) == "1 a\n");
    CHECK(read(whole.substr(0, 20)).rfind("log.gzip: ", 0) == 0);
    std::string damaged = whole;
    damaged[32] = static_cast<char>(damaged[32] ^ 1);
    CHECK(read(damaged).rfind("log.gzip: ", 0) == 0);
#else
    CHECK(read(whole).rfind("log.gzip", 0) == 0);
#endif
}
