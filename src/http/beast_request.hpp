#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/system/error_code.hpp>
#include <optional>

#include "http/message.hpp"

namespace mcq::http {

/// Converts a parsed request to what handlers use of it.
Request to_request(const boost::beast::http::request<boost::beast::http::string_body>& request);

/// The response to an invalid or too long request; none if the connection failed or was closed.
std::optional<Response> answer_to(const boost::system::error_code& error);

}  // namespace mcq::http
