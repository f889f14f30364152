/* Makes system calls fail, in the very program that ships: LD_PRELOAD names this library, and IGMP_QUERIER_FAULTS a
 * file that both sides map. A test writes there which calls are to fail, and reads how many did. Nothing here needs a
 * system call of its own, so that it works inside the program's sandbox. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* As tests/lab/harness/faults.py packs them. */
enum call { SENDTO, SENDMSG, SOCKET, BIND, SETSOCKOPT, RECVMSG, ACCEPT4, CALLS };
struct fault {
  int32_t domain; /* of sockets; 0 means any */
  int32_t error;
  int32_t times;  /* how often it still fails; negative: for ever */
  int32_t failed; /* how often it did */
};
struct plan {
  struct fault faults[CALLS];
  int64_t clock_offset; /* seconds, of the time of day */
};

static volatile struct plan* plan;

__attribute__((constructor)) static void find_plan(void) {
  const char* path = getenv("IGMP_QUERIER_FAULTS");
  const int file = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) abort();
  void* found = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (found == MAP_FAILED) abort();
  close(file);
  plan = found;
}

static int domain_of(int fd) {
  int domain = 0;
  socklen_t size = sizeof domain;
  getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size);
  return domain;
}

static int fails_for(enum call call, int domain) {
  if (plan == NULL) return 0;
  volatile struct fault* fault = &plan->faults[call];
  if (fault->times == 0 || (fault->domain != 0 && fault->domain != domain)) return 0;
  if (fault->times > 0) --fault->times;
  ++fault->failed;
  errno = fault->error;
  return 1;
}

static int fails(enum call call, int fd) {
  return plan != NULL && plan->faults[call].times != 0 && fails_for(call, domain_of(fd));
}

/* Calls what it stands before, unless that is to fail. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define INTERPOSE(result, name, call, fd, parameters, arguments) \
  result name parameters {                                       \
    static __typeof__(&name) real;                               \
    if (real == NULL) real = REAL(name);                         \
    return fails(call, fd) ? -1 : real arguments;                \
  }

INTERPOSE(ssize_t, sendto, SENDTO, fd,
          (int fd, const void* data, size_t size, int flags, const struct sockaddr* to, socklen_t length),
          (fd, data, size, flags, to, length))
INTERPOSE(ssize_t, sendmsg, SENDMSG, fd, (int fd, const struct msghdr* message, int flags), (fd, message, flags))
INTERPOSE(int, bind, BIND, fd, (int fd, const struct sockaddr* name, socklen_t length), (fd, name, length))
INTERPOSE(int, setsockopt, SETSOCKOPT, fd, (int fd, int level, int option, const void* value, socklen_t size),
          (fd, level, option, value, size))
INTERPOSE(ssize_t, recvmsg, RECVMSG, fd, (int fd, struct msghdr* message, int flags), (fd, message, flags))
INTERPOSE(int, accept4, ACCEPT4, fd, (int fd, struct sockaddr* name, socklen_t* length, int flags),
          (fd, name, length, flags))

int socket(int domain, int type, int protocol) {
  static __typeof__(&socket) real;
  if (real == NULL) real = REAL(socket);
  return fails_for(SOCKET, domain) ? -1 : real(domain, type, protocol);
}

int clock_gettime(clockid_t clock, struct timespec* time) {
  static __typeof__(&clock_gettime) real;
  if (real == NULL) real = REAL(clock_gettime);
  const int done = real(clock, time);
  if (plan != NULL && clock == CLOCK_REALTIME) time->tv_sec += plan->clock_offset;
  return done;
}
