add_library(mcq_options INTERFACE)
target_compile_features(mcq_options INTERFACE cxx_std_20)
target_compile_options(mcq_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual
  -Wimplicit-fallthrough)
# GCC documents this one as unreliable under the sanitizers; the other builds still have it.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  target_compile_options(mcq_options INTERFACE -Wno-maybe-uninitialized)
endif()
