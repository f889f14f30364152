#pragma once

#include <boost/system/error_code.hpp>
#include <string>

#include "base/result.hpp"

namespace mcq::client {

/// "'text'", printable.
std::string in_quotes(const std::string& text);

/// Says why there is no connection to the socket at `path`, and what to do: start the daemon, name
/// its socket, join the group that may use it.
std::string cannot_connect(const std::string& path, const boost::system::error_code& error);

/// The error for an error response: the message in its body, if the body is one of the API.
Failure<Error> refusal(const std::string& path, unsigned status, const std::string& body);

/// The error for a server at `socket` that is not the daemon.
Failure<Error> not_the_api(const std::string& socket, const std::string& why);

}  // namespace mcq::client
