#include "http/message.hpp"

#include <array>
#include <boost/beast/http/status.hpp>
#include <charconv>

#include "text/json.hpp"

namespace mcq::http {

Response error_response(int status, const std::string& message) {
  return {.status = status, .body = text::dump({{"error", message}}) + "\n"};
}

std::string response_head(const Response& answer, const std::string& headers) {
  namespace http = boost::beast::http;
  const auto reason = http::obsolete_reason(static_cast<http::status>(answer.status));
  // cppcheck-suppress ignoredReturnValue ; it is an operand
  return "HTTP/1.1 " + std::to_string(answer.status) + " " + std::string{reason} +
         "\r\nConnection: close\r\nCache-Control: no-store\r\nContent-Type: " + answer.type +
         "\r\n" + (answer.allow.empty() ? "" : "Allow: " + answer.allow + "\r\n") +
         (answer.is_gzip ? "Content-Encoding: gzip\r\n" : "") + headers + "\r\n";
}

std::string chunk(const std::string& piece) {
  std::array<char, 16> size{};
  const auto end = std::to_chars(size.begin(), size.end(), piece.size(), 16).ptr;
  return std::string{size.begin(), end} + "\r\n" + piece + "\r\n";
}

}  // namespace mcq::http
