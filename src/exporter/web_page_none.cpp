#include "exporter/web_page.hpp"

namespace mcq::exporter {

std::span<const Asset> page_assets() { return {}; }

}  // namespace mcq::exporter
