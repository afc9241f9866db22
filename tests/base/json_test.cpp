#include "base/json.hpp"

#include "base/json_buffer.hpp"
#include "base/limits.hpp"
#include "catch.hpp"

using namespace leat;

namespace {

std::string again(std::string_view text) {
    auto json = parse_json(text);
    return json ? base::to_text(*json) : json.error().code;
}

std::string code(std::string_view text, uint32_t depth = 64) {
    auto json = parse_json(text, depth);
    return json ? "" : json.error().code;
}

}  // namespace

TEST_CASE("JSON values come back as they were written", "[json]") {
    CHECK(again("null") == "null");
    CHECK(again(" true ") == "true");
    CHECK(again("[]") == "[]");
    CHECK(again("{}") == "{}");
    CHECK(again("[1, [2, {\"a\": []}], \"x\", false]") == "[1,[2,{\"a\":[]}],\"x\",false]");
    CHECK(again("{\"b\":1,\"a\":{\"c\":null},\"d\":[{},{}]}") == "{\"b\":1,\"a\":{\"c\":null},\"d\":[{},{}]}");
}

TEST_CASE("JSON numbers stay the text they were", "[json]") {
    for (const char* number :
         {"0", "-0", "1.10", "1e5", "-2.50E-3", "123456789012345678901234567890.123456789", "1E+300"}) {
        auto json = parse_json(number);
        REQUIRE(json);
        CHECK(json->kind == Json::Kind::number);
        CHECK(json->text == number);
    }
    for (const char* wrong : {"01", ".5", "1.", "+1", "1e", "0x1", "NaN", "Infinity", "-", "1e99999"})
        CHECK(code(wrong) == "json.syntax");
}

TEST_CASE("JSON strings: escapes, Unicode and invalid bytes", "[json]") {
    auto json = parse_json("\"a\\u0041\\n\\u4e2d\\ud83d\\ude00\\u0000\\/中\"");
    REQUIRE(json);
    CHECK(json->text == std::string("aA\n中😀\0/中", 15));
    CHECK(base::to_text(*json) == "\"aA\\n中😀\\u0000/中\"");
    for (const char* wrong :
         {"\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\\ud800\"", "\"\\x\"", "\"\n\"", "\"open"}) {
        CHECK(code(wrong) == "json.syntax");
    }
}

TEST_CASE("What is not JSON is refused with its place", "[json]") {
    for (const char* wrong : {"", " ", "{", "[1,]", "{\"a\":1,}", "{a:1}", "[1 2]", "1 2", "tru", "// x\n1", "'a'",
                              "[1]]", "\xef\xbb\xbf{}"}) {
        INFO(wrong);
        CHECK(code(wrong) == "json.syntax");
    }
    CHECK(code(std::string_view("1\0x", 3)) == "json.syntax");
    auto json = parse_json("{\"a\": tru}");
    REQUIRE_FALSE(json);
    CHECK(json.error().status == Status::usage);
    CHECK_THAT(json.error().message, Catch::Matchers::Contains("byte "));
}

TEST_CASE("A member may stand once only", "[json]") {
    CHECK(code("{\"a\":1,\"b\":2,\"a\":3}") == "json.duplicate");
    CHECK(code("{\"x\":{\"a\":1,\"\\u0061\":3}}") == "json.duplicate");
    std::string many = "{\"k0\":0";
    for (int i = 1; i < 20; ++i) many += ",\"k" + std::to_string(i) + "\":0";
    CHECK(code(many + "}").empty());
    CHECK(code(many + ",\"k7\":0}") == "json.duplicate");
    CHECK_THAT(parse_json(many + ",\"k7\":0}").error().message, Catch::Matchers::Contains("\"k7\""));
}

TEST_CASE("Depth and size have limits", "[json]") {
    CHECK(code("[[[]]]", 3).empty());
    CHECK(code("[[[[]]]]", 3) == "limit.depth");
    CHECK(code(std::string(100'000, '[')) == "limit.depth");
    std::string large(Limits{}.input_bytes_max + 1, ' ');
    CHECK(code(large) == "limit.size");
}

TEST_CASE("Members are found by name", "[json]") {
    auto json = parse_json("{\"amount\": 12.50, \"客户\": \"华为\"}");
    REQUIRE(json);
    REQUIRE(json->find("客户"));
    CHECK(json->find("客户")->text == "华为");
    CHECK(json->find("missing") == nullptr);
}

TEST_CASE("The writer places commas and escapes", "[json]") {
    std::string out;
    JsonWriter writer(out);
    writer.begin_object().key("a").number(int64_t{-5}).key("b\"").begin_array().string("x\ty\x01").null().boolean(true);
    writer.begin_object().end_object().raw("[1]").end_array().key("c").number("1.5").end_object();
    CHECK(out == "{\"a\":-5,\"b\\\"\":[\"x\\ty\\u0001\",null,true,{},[1]],\"c\":1.5}");
    CHECK(again(out) == out);
}

TEST_CASE("Texts of every length are escaped wherever it is needed", "[json]") {
    for (size_t size = 0; size < 80; ++size) {
        std::string plain(size, 'a');
        std::string quoted;
        JsonWriter(quoted).string(plain);
        REQUIRE(quoted == "\"" + plain + "\"");
        for (size_t at = 0; at < size; ++at) {
            for (auto [special, escaped] : {std::pair<char, const char*>{'"', "\\\""},
                                            {'\\', "\\\\"},
                                            {'\n', "\\n"},
                                            {'\x1f', "\\u001f"},
                                            {'\0', "\\u0000"},
                                            {'\x7f', "\x7f"},
                                            {' ', " "}}) {
                std::string text = plain;
                text[at] = special;
                std::string out;
                JsonWriter(out).string(text);
                REQUIRE(out == "\"" + plain.substr(0, at) + escaped + plain.substr(at + 1) + "\"");
                JsonBuffer buffer;
                buffer.string(text);
                REQUIRE(buffer.view() == out);
            }
        }
    }
}

TEST_CASE("A buffer writes what a writer does, also when it grows at any word", "[json]") {
    const std::string special(200, '\x01');
    // The first text moves every later word over the end of the first memory, one byte at a time.
    for (size_t ahead = 900; ahead < 1040; ++ahead) {
        const std::string text(ahead, 'x');
        std::string out;
        JsonWriter writer(out);
        JsonBuffer buffer;
        auto write = [&](auto& json) {
            json.begin_object().key("text").string(text).key(std::string_view("名\"")).begin_array();
            json.number(INT64_MIN).boolean(true).boolean(false).null().raw("[1]").string("").string(special);
            json.begin_object().end_object().end_array().end_object();
        };
        write(writer);
        write(buffer);
        REQUIRE(buffer.view() == out);
    }
}

TEST_CASE("json buffer: pieces that are JSON already") {
    for (size_t size = 0; size < 80; size++) {
        std::string name(size, 'n'), begin = "{\"" + name + "\":";
        JsonBuffer buffer;
        buffer.begin_array();
        for (int i = 0; i < 2; i++) buffer.begin_with(begin).number(i).end_with(",\"holds\":true}");
        buffer.raw("\"" + name + "\"").end_array();
        std::string row = ",\"holds\":true}";
        REQUIRE(buffer.view() == "[" + begin + "0" + row + "," + begin + "1" + row + ",\"" + name + "\"]");
    }
}
