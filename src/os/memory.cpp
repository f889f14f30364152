#include "os/memory.hpp"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

namespace mcq::os {
namespace {

/// Read-only segments are as they are in the file; dropping them loses nothing.
extern "C" int forget_read_only_segments(dl_phdr_info* object, std::size_t, void* page) noexcept {
  const auto page_size = *static_cast<const std::uintptr_t*>(page);
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const auto begin = (object->dlpi_addr + segment.p_vaddr) & ~(page_size - 1);
    const auto end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the linker tells addresses as numbers
    ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void forget_idle_pages() {
  auto page_size = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  ::dl_iterate_phdr(forget_read_only_segments, &page_size);
  ::malloc_trim(0);
}

}  // namespace mcq::os
