#pragma once

namespace mcq::os {

/// Gives the pages of programs and libraries that only start-up needed back to the system. What is
/// still needed comes back from the page cache by itself, a few pages of it.
void forget_startup_pages();

}  // namespace mcq::os
