#include "os/memory.hpp"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mcq::os {
namespace {

struct Segment {
  std::uintptr_t address;
  std::size_t size;
};

/// Read-only ones are as they are in the file; dropping them loses nothing.
extern "C" int note_read_only_segments(dl_phdr_info* object, std::size_t, void* noted) noexcept {
  auto& segments = *static_cast<std::vector<Segment>*>(noted);
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    segments.push_back({object->dlpi_addr + segment.p_vaddr, segment.p_memsz});
  }
  return 0;
}

}  // namespace

void forget_idle_pages() {
  const auto page_size = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  // All are noted before the first is dropped: each object's list lies in such a segment itself,
  // and to read it would bring that back.
  std::vector<Segment> segments;
  ::dl_iterate_phdr(note_read_only_segments, &segments);
  for (const auto& segment : segments) {
    const auto begin = segment.address & ~(page_size - 1);
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the linker tells addresses as numbers
    ::madvise(reinterpret_cast<void*>(begin), segment.address + segment.size - begin,
              MADV_DONTNEED);
  }
  segments = std::vector<Segment>{};  // its memory too, which {} would keep
  ::malloc_trim(0);
}

}  // namespace mcq::os
