#include "base/text_form.hpp"

#include <string>

#include "catch.hpp"

using leat::base::has_text_form;

namespace {

void check(const std::string& form, const std::vector<std::string>& good, const std::vector<std::string>& bad) {
    for (const std::string& text : good) {
        INFO(form << " takes " << text);
        CHECK(has_text_form(form, text));
    }
    for (const std::string& text : bad) {
        INFO(form << " refuses " << text);
        CHECK_FALSE(has_text_form(form, text));
    }
}

}  // namespace

TEST_CASE("e-mail addresses are RFC 5321's mailboxes") {
    check("email",
          {"ann@example.com", "a.b+c@mail.example.co.uk", "\"two words\"@example.com", "\"a\\\"b@c\"@example.com",
           "root@localhost", "x@[127.0.0.1]", "x@[IPv6:::1]", "o'neil@example.com", std::string(64, 'a') + "@b.de"},
          {"",
           "ann",
           "@example.com",
           "ann@",
           ".ann@example.com",
           "ann.@example.com",
           "a..b@example.com",
           "a b@example.com",
           "a@b@c.de",
           "ann@-a.com",
           "ann@a-.com",
           "ann@a..com",
           "ann@example.com.",
           "ann@exa_mple.com",
           "x@[127.0.0.300]",
           "x@[IPv6:1]",
           "王@example.com",
           "ann@例子.公司",
           "\"a\"b\"@example.com",
           std::string(65, 'a') + "@b.de",
           "a@" + std::string(64, 'b') + ".de",
           "ann@example.com\n"});
    check("idn-email", {"王@example.com", "ann@例子.公司", "ann@example.com"}, {"王", "王@", "王 五@example.com"});
}

TEST_CASE("telephone numbers are written as E.123 has them") {
    check("phone",
          {"110", "95588", "13800138000", "+86 10 6552-9988", "+86 (10) 6552 9988", "(010) 65529988", "+1.212.555.0100",
           "010-65529988 转 802", "010-65529988转802", "0212345678 ext. 12", "0212345678 x12", "+862112345678;ext=802",
           "030/12345"},
          {"", "1", "+", "12x", "abc", "1234567890123456", "(010 65529988", "010) 65529988", "()12345", "12--34",
           "12 - 34", "-12345", "12345-", "+86 +10", "12345 转", "12345 转 a", "１３８００１３８０００",
           "12345ext123456789012"});
}

TEST_CASE("URIs are RFC 3986's, IRIs RFC 3987's, URLs have a host") {
    check("uri",
          {"http://example.com", "https://user:pw@example.com:8080/a/b;c?q=1&r=/?#f?", "mailto:ann@example.com",
           "urn:isbn:1", "http://[2001:db8::7]/c", "http://[v1.x:y]/", "file:///etc/hosts", "tel:+86-10-1",
           "a:", "x:/a%20b", "http://"},
          {"", "example.com", "/path", "http://例子.公司", "http://a b", "http://a/%2", "http://a/%zz", "1a:b", ":a",
           "http://[::1", "http://a:8x", "http://a/<b>", "http://a/b|c", "http://a#b#c", "ht*tp://a", "http://[1]/",
           "http://a/\"b\"", "http://a\\b"});
    check("uri-reference", {"", "a/b", "../x", "?q", "#f", "//host/p", "http://a"}, {"a b", "a:b c", "1:2"});
    check("iri", {"http://例子.公司/产品?名=1", "mailto:王@例子.公司"}, {"例子.公司", "http://例子 公司"});
    check("url", {"http://example.com", "HTTPS://例子.公司/产品"},
          {"http://", "mailto:ann@example.com", "ftp://example.com", "//example.com", "https:/example.com"});
}

TEST_CASE("hosts, addresses and UUIDs") {
    check("hostname", {"a", "example.com", "xn--fsq.com", "1.2"}, {"", "-a.com", "a_b.com", "a..b", "例子"});
    check("ipv4", {"0.0.0.0", "255.255.255.255"},
          {"1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.", "a.b.c.d", "1.2.3.4 "});
    check("ipv6", {"::", "::1", "1::", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1", "1::8", "fe80::a:b"},
          {"", ":", ":::", "1:2", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "1:2:3:4:5:6:7:", "::1.2.3",
           ":1::2"});
    check("uuid", {"2EB8AA08-aa98-11ea-b4aa-73b441d16380"},
          {"2eb8aa08aa9811eab4aa73b441d16380", "2eb8aa08-aa98-11ea-b4aa-73b441d1638g"});
    CHECK_FALSE(has_text_form("colour", "red"));
}
