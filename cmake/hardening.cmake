# What every build gets. Optimised builds get the rest: _FORTIFY_SOURCE needs an optimiser.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported()

add_compile_options(-fstack-protector-strong -fstack-clash-protection)
# Jumps and returns go only where they may, where the processor looks after that.
# The objects that every program starts with may lack the mark of x86, and returns need none of their own.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|i[3-6]86)$")
  add_compile_options(-fcf-protection=full)
  add_link_options(-Wl,-z,shstk)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64" AND CMAKE_SIZEOF_VOID_P EQUAL 8)  # of a 32-bit system, the kernel's
  add_compile_options(-mbranch-protection=standard)
endif()

# Undefined first: a distribution's compiler may bring a lower level.
add_compile_options($<$<CONFIG:Release>:-U_FORTIFY_SOURCE> $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=3>)
add_compile_options($<$<CONFIG:Release>:-ffunction-sections> $<$<CONFIG:Release>:-fdata-sections>)
add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack $<$<CONFIG:Release>:-Wl,--gc-sections>)
