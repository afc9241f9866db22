#include <set>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.hpp"
#include "base/clock.hpp"
#include "base/csv.hpp"
#include "base/digest.hpp"
#include "base/utf8.hpp"
#include "catch.hpp"

using namespace leat;

TEST_CASE("SHA-256 gives the standard's answers", "[digest]") {
    CHECK(base::to_hex(base::sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(base::to_hex(base::sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(base::to_hex(base::sha256(std::string(1'000'000, 'a'))) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    base::Digest digest;
    CHECK(base::from_hex(base::to_hex(base::sha256("abc")), digest));
    CHECK(digest == base::sha256("abc"));
    CHECK_FALSE(base::from_hex("ba", digest));
    CHECK_FALSE(base::from_hex(std::string(63, '0') + "g", digest));
    CHECK(digest == base::sha256("abc"));
}

TEST_CASE("UTF-8 is checked, counted and measured", "[utf8]") {
    CHECK(base::valid_utf8("plain, 中文, 😀"));
    for (const char* wrong : {"\x80", "\xc0\xaf", "\xc1\x81", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                              "\xf5\x80\x80\x80", "\xe4\xb8", "a\xff"}) {
        CHECK_FALSE(base::valid_utf8(wrong));
    }
    CHECK(base::count_code_points("a中😀") == 3);
    CHECK(base::count_code_points("\xff\xfe") == 2);
    CHECK(base::display_width("a中文b") == 6);
    CHECK(base::display_width("e\xcc\x81") == 1);    // e and a combining acute
    CHECK(base::display_width("ｆｕ：「」") == 10);  // fullwidth forms
    CHECK(base::display_width("한글かな") == 8);
    CHECK(base::display_width("é±–") == 3);
    CHECK(base::display_width("😀") == 2);
    CHECK(base::display_width("𠀀") == 2);
    size_t at = 0;
    CHECK((base::next_code_point("\xe4\xb8", at) == 0xfffd));
    CHECK(at == 1);
}

TEST_CASE("Every code point survives encoding", "[utf8]") {
    for (char32_t c = 1; c <= 0x10ffff; c += c < 0x3000 ? 1 : 97) {
        if (c >= 0xd800 && c <= 0xdfff) continue;
        std::string text;
        base::append_utf8(text, c);
        size_t at = 0;
        if (!base::valid_utf8(text) || base::next_code_point(text, at) != c || at != text.size())
            FAIL("code point " << static_cast<uint32_t>(c));
    }
    std::string text;
    base::append_utf8(text, 0xd800);
    CHECK(text == "\xef\xbf\xbd");
}

TEST_CASE("CSV as RFC 4180 has it", "[csv]") {
    auto csv =
        base::parse_csv("\xef\xbb\xbfname,note\r\n\"A, B\",\"said \"\"yes\"\"\"\r\n\r\n中文,\"two\nlines\"\nlast,");
    REQUIRE(csv);
    CHECK(csv->header == std::vector<std::string>{"name", "note"});
    REQUIRE(csv->rows.size() == 3);
    CHECK(csv->rows[0].cells == std::vector<std::string>{"A, B", "said \"yes\""});
    CHECK(csv->rows[0].line == 2);
    CHECK(csv->rows[1].cells == std::vector<std::string>{"中文", "two\nlines"});
    CHECK(csv->rows[1].line == 4);
    CHECK(csv->rows[2].line == 6);
    CHECK(csv->rows[2].cells == std::vector<std::string>{"last", ""});
    CHECK(csv->column("note") == 1);
    CHECK(csv->column("none") == -1);
}

TEST_CASE("CSV that is empty or never closes a quote", "[csv]") {
    CHECK(base::parse_csv("").error().code == "csv.empty");
    CHECK(base::parse_csv("\n\n").error().code == "csv.empty");
    auto open = base::parse_csv("a,b\n1,\"x\n2,y\n");
    REQUIRE_FALSE(open);
    CHECK(open.error().code == "csv.syntax");
    CHECK_THAT(open.error().message, Catch::Matchers::StartsWith("line 2"));
    auto ragged = base::parse_csv("a,b\n1\n1,2,3\n");
    REQUIRE(ragged);
    CHECK(ragged->rows[0].cells.size() == 1);
    CHECK(ragged->rows[1].cells.size() == 3);
}

TEST_CASE("CSV cells are quoted where they must be and read back", "[csv]") {
    CHECK(base::csv_cell("plain") == "plain");
    CHECK(base::csv_cell("a,b") == "\"a,b\"");
    for (const char* text : {"", "a", "\"", ",", "\r\n", "x\"y\",z\n", "中文"}) {
        auto csv = base::parse_csv("h,i\n" + base::csv_cell(text) + ",x\n");
        REQUIRE(csv);
        REQUIRE(csv->rows.size() == 1);
        CHECK(csv->rows[0].cells[0] == text);
    }
}

TEST_CASE("An arena counts, aligns, refuses and is reused", "[arena]") {
    Arena arena(1 << 20);
    for (int i = 1; i < 2000; ++i) {
        auto* number = arena.make<uint64_t>(uint64_t(i));
        REQUIRE(reinterpret_cast<uintptr_t>(number) % alignof(uint64_t) == 0);
        REQUIRE(*number == uint64_t(i));
        auto text = arena.copy(std::string(static_cast<size_t>(i % 40), 'x'));
        REQUIRE(text.data()[text.size()] == '\0');
    }
    CHECK(arena.bytes() <= 1 << 20);
    try {
        for (;;) arena.array<char>(1000);
    } catch (const LimitError& error) {
        CHECK(error.code() == "limit.memory");
        CHECK_THAT(error.what(), Catch::Matchers::Contains("1048576"));
    }
    CHECK(arena.bytes() <= 1 << 20);
    arena.reset();
    size_t kept = arena.bytes();
    CHECK(kept > 0);
    arena.array<char>(kept / 2);
    CHECK(arena.bytes() == kept);
    CHECK_THROWS_AS(arena.array<char>(size_t(2) << 20), LimitError);
    CHECK_THROWS_AS(arena.allocate(SIZE_MAX - 4), LimitError);
    CHECK(arena.copy("").empty());
}

TEST_CASE("Seeded bytes repeat, the system's do not", "[clock]") {
    auto draw = [](base::Random& random) {
        std::string bytes(33, '\0');
        random.fill(bytes.data(), bytes.size());
        return bytes;
    };
    base::SeededRandom a(7), b(7), c(8);
    std::string first = draw(a);
    CHECK(first == draw(b));
    CHECK(first != draw(c));
    CHECK(first != draw(a));
    std::set<std::string> seen;
    for (int i = 0; i < 50; ++i) seen.insert(draw(base::system_random()));
    CHECK(seen.size() == 50);
    int64_t before = base::system_clock().now_us();
    CHECK(before > 1'600'000'000'000'000);
    CHECK(base::system_clock().now_us() >= before);
}

TEST_CASE("The system's bytes are given once, whatever their size, thread and process", "[clock]") {
    auto draw = [](size_t size) {
        std::string bytes(size, '\0');
        base::system_random().fill(bytes.data(), bytes.size());
        return bytes;
    };
    std::set<std::string> seen;
    size_t count = 0;
    for (size_t size : {16, 17, 100, 128, 129, 16, 1000}) {
        for (int i = 0; i < 100; ++i, ++count) seen.insert(draw(size));
    }
    CHECK(seen.size() == count);
    // Both have the same bytes drawn ahead at this moment, and the child must not use them.
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    pid_t child = fork();
    if (child == 0) {
        std::string bytes = draw(16);
        ssize_t written = write(ends[1], bytes.data(), bytes.size());
        _exit(written == 16 ? 0 : 1);
    }
    REQUIRE(child > 0);
    std::string mine = draw(16), others(16, '\0');
    CHECK(read(ends[0], others.data(), others.size()) == 16);
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    close(ends[0]);
    close(ends[1]);
    CHECK(mine != others);
    std::string threads;
    std::thread([&] { threads = draw(16); }).join();
    CHECK(threads != draw(16));
}

TEST_CASE("UTF-8 is checked and counted wherever it stands in a text", "[utf8]") {
    for (size_t size = 0; size < 40; ++size) {
        for (size_t at = 0; at <= size; ++at) {
            std::string text(size, 'a');
            REQUIRE(base::valid_utf8(text));
            text.insert(at, "中");
            REQUIRE(base::valid_utf8(text));
            REQUIRE(base::count_code_points(text) == size + 1);
            text.insert(text.begin() + static_cast<std::ptrdiff_t>(at), '\xe4');
            REQUIRE_FALSE(base::valid_utf8(text));
            REQUIRE(base::count_code_points(text) == size + 2);
        }
    }
}
