add_library(mcq_options INTERFACE)
target_compile_features(mcq_options INTERFACE cxx_std_20)
target_compile_options(mcq_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual
  -Wimplicit-fallthrough)
# GCC documents this one as unreliable under the sanitizers; the other builds still have it.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  target_compile_options(mcq_options INTERFACE -Wno-maybe-uninitialized)
endif()
# GCC's notes on 32-bit ARM that parameters are passed otherwise than before GCC 7: all of this is built by one compiler.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_SIZEOF_VOID_P EQUAL 4
   AND CMAKE_SYSTEM_PROCESSOR MATCHES "^(arm|aarch64)")
  target_compile_options(mcq_options INTERFACE -Wno-psabi)
endif()
