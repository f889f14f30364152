#include "http/request_reader.hpp"

#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/string_body.hpp>
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

Request to_request(const BeastRequest& request) {
  return {.method = string(request.method_string()),
          .target = string(request.target()),
          .host = host_of(request),
          .last_event_id = string(request["Last-Event-ID"]),
          .accepts_gzip = accepts_gzip(request["Accept-Encoding"]),
          .accepts_html = string(request["Accept"]).find("text/html") != std::string::npos};
}

Response refusal(const boost::system::error_code& error) {
  if (error == http::error::body_limit) {
    return error_response(413, "a body has at most " + std::to_string(kMaxBody) +
                                   " bytes; no request here needs one");
  }
  if (error == http::error::header_limit) {
    return error_response(
        431, "a request has at most " + std::to_string(kMaxHead) + " bytes of headers");
  }
  return error_response(400, "this is not a request of HTTP/1.1: " + error.message());
}

constexpr std::size_t kPieceSize = 512;  ///< bytes to make room for at least

}  // namespace

struct RequestReader::State {
  boost::beast::flat_buffer input{kMaxHead};
  http::request_parser<http::string_body> parser;
};

RequestReader::RequestReader() : state_(std::make_unique<State>()) {
  state_->parser.header_limit(kMaxHead);
  state_->parser.body_limit(kMaxBody);
  state_->parser.eager(true);
}

RequestReader::~RequestReader() = default;

std::span<char> RequestReader::room() {
  auto& input = state_->input;
  const auto wanted = std::max(kPieceSize, input.capacity() - input.size());
  const auto room = input.prepare(std::min(wanted, input.max_size() - input.size()));
  return {static_cast<char*>(room.data()), room.size()};
}

std::variant<std::monostate, ReceivedRequest, Response> RequestReader::add(std::size_t bytes) {
  auto& [input, parser] = *state_;
  input.commit(bytes);
  boost::system::error_code error;
  while (!error && !parser.is_done() && input.size() > 0) {
    input.consume(parser.put(input.data(), error));
  }
  if (parser.is_done()) {
    return ReceivedRequest{to_request(parser.get()), parser.get().version() >= 11};
  }
  if (error && error != http::error::need_more) return refusal(error);
  if (input.size() == input.max_size()) return refusal(http::error::header_limit);
  return {};
}

}  // namespace mcq::http
