#pragma once

#include <dlfcn.h>

namespace mcq::os {

/// Loads a library, which then stays loaded; null if it is not installed. For libraries of commands
/// that the daemon never runs: linked, they would cost it memory.
inline void* load_library(const char* name) { return ::dlopen(name, RTLD_NOW | RTLD_LOCAL); }

/// Finds a function of a loaded library; null if it has none of that name.
template <class Function>
Function* find_function(void* library, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(library, name));
}

}  // namespace mcq::os
