#include "app/page.hpp"

namespace mcq::app {

std::span<const Asset> page_assets() { return {}; }

}  // namespace mcq::app
