// The forms that texts may be asked to have: JSON Schema's `format`, and two of our own.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat::base {

// The names that has_text_form knows, in the order in which they are told:
//   email          a Mailbox of RFC 5321, 4.1.2, within the sizes of 4.5.3.1
//   idn-email      the same with the characters that RFC 6531, 3.3 adds
//   phone          a number as ITU-T E.123 writes it: 2 to 15 digits, a '+' before them, spaces, '-', '.' or '/'
//                  between them, part of them in brackets; then perhaps an extension ("ext. 12", "x12", ";ext=12",
//                  "转12")
//   uri            RFC 3986, with a scheme
//   uri-reference  RFC 3986, with or without
//   iri            RFC 3987, with a scheme
//   url            an IRI with the scheme http or https and a host (RFC 9110, 4.2)
//   hostname       RFC 1123, 2.1
//   ipv4 ipv6      RFC 2673, 3.2; RFC 4291, 2.2
//   uuid           RFC 9562, 4
const std::vector<std::string_view>& text_forms();
// Whether the whole of `text`, which is UTF-8, has the form. False for a name that is none of them.
bool has_text_form(std::string_view name, std::string_view text);

// The digest in a file field's value: 64 hexadecimal digits, here in lower case, and perhaps "/" and a name for people.
// nullopt: it is none.
std::optional<std::string> file_digest(std::string_view value);

}  // namespace leat::base
