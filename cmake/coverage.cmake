# What tools/coverage counts: clang's counters in the objects of a target that links this one.
add_library(mcq_counted INTERFACE)
target_compile_options(mcq_counted INTERFACE -fprofile-instr-generate -fcoverage-mapping)
target_link_options(mcq_counted INTERFACE -fprofile-instr-generate)
