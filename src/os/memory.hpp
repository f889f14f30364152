#pragma once

namespace mcq::os {

/// Gives pages back to the system: those of the program and its libraries, of which what is still
/// needed comes back from the page cache by itself, and what is free of the heap.
void forget_idle_pages();

}  // namespace mcq::os
