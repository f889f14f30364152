#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/system/error_code.hpp>
#include <optional>

#include "http/message.hpp"

namespace mcq::http {

/// What the server passes on of a request.
Request to_request(const boost::beast::http::request<boost::beast::http::string_body>& request);

/// The answer to a request that cannot be read; nothing when there is nobody to tell.
std::optional<Response> answer_to(const boost::system::error_code& error);

}  // namespace mcq::http
