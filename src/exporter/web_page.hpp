#pragma once

#include <span>
#include <string_view>

namespace mcq::exporter {

/// A file of the web page, as it is served.
struct Asset {
  std::string_view path;  ///< "/app.js"; the page itself is "/"
  std::string_view type;  ///< "text/javascript; charset=utf-8"
  std::string_view plain, gzip;
};

/// The files of the web page; empty when the program was built without it.
std::span<const Asset> page_assets();

}  // namespace mcq::exporter
