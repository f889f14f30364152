#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <variant>

#include "http/message.hpp"

namespace mcq::http {

/// A complete request.
struct ReceivedRequest {
  Request request;
  bool has_chunks = true;  ///< the client understands chunks: HTTP/1.1
};

/// Reads one request that arrives in pieces, at most kMaxHead bytes of headers and kMaxBody bytes
/// of body. Hides Beast, which costs each source file that includes it seconds of compilation.
class RequestReader {
 public:
  RequestReader();
  ~RequestReader();
  /// Where the next bytes belong; never empty.
  std::span<char> room();
  /// Takes the first `bytes` of room(). Returns nothing while the request is incomplete; a response
  /// if it is invalid or too long. Not to be called after either.
  std::variant<std::monostate, ReceivedRequest, Response> add(std::size_t bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mcq::http
