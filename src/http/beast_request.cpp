#include "http/beast_request.hpp"

#include <algorithm>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <string>

#include "http/limits.hpp"

namespace mcq::http {
namespace {

namespace http = boost::beast::http;
using BeastRequest = ::boost::beast::http::request<http::string_body>;

/// Whether Accept-Encoding (RFC 9110 §12.5.3) lists gzip with a weight other than 0. Does not
/// evaluate "*".
bool accepts_gzip(boost::beast::string_view encodings) {
  http::ext_list list{encodings};
  const auto gzip = list.find("gzip");
  if (gzip == list.end()) return false;
  return std::none_of(gzip->second.begin(), gzip->second.end(), [](const auto& parameter) {
    return parameter.first == "q" &&
           parameter.second.find_first_not_of("0.") == parameter.second.npos;
  });
}

std::string host_of(const BeastRequest& request) {
  std::string hosts;
  const auto [first, last] = request.equal_range(http::field::host);
  for (auto field = first; field != last; ++field) {
    if (field != first) hosts += ", ";
    hosts.append(field->value().data(), field->value().size());
  }
  return hosts;
}

std::string string(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Request to_request(const BeastRequest& request) {
  return {.method = string(request.method_string()),
          .target = string(request.target()),
          .host = host_of(request),
          .last_event_id = string(request["Last-Event-ID"]),
          .accepts_gzip = accepts_gzip(request["Accept-Encoding"])};
}

std::optional<Response> answer_to(const boost::system::error_code& error) {
  if (error.category() != make_error_code(http::error::end_of_stream).category()) return {};
  if (error == http::error::end_of_stream || error == http::error::partial_message) return {};
  if (error == http::error::body_limit) {
    return error_response(413, "a body has at most " + std::to_string(kMaxBody) +
                                   " bytes; no request here needs one");
  }
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return error_response(
        431, "a request has at most " + std::to_string(kMaxHead) + " bytes of headers");
  }
  return error_response(400, "this is not a request of HTTP/1.1: " + error.message());
}

}  // namespace mcq::http
