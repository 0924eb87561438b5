/* LD_PRELOAD: from the k-th fsync or fdatasync on (FAIL_SYNC_AT, counted from 1) each fails with EIO.
 * The number that failed first is written to the file FAIL_SYNC_SAID, so that a test knows it happened.
 * SLOW_SYNC_MS: each takes that much longer, as on a worn memory card. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_long count;

static int due(void) {
  const char *at = getenv("FAIL_SYNC_AT");
  long k = at ? atol(at) : 0;
  long n = atomic_fetch_add(&count, 1) + 1;
  if (k == 0 || n < k) return 0;
  const char *said = getenv("FAIL_SYNC_SAID");
  int file = said && n == k ? open(said, O_WRONLY | O_CREAT, 0600) : -1;
  if (file >= 0) {
    dprintf(file, "%ld\n", n);
    close(file);
  }
  errno = EIO;
  return 1;
}

static int call(const char *name, int fd) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  const char *slow = getenv("SLOW_SYNC_MS");
  if (slow) usleep((useconds_t)atol(slow) * 1000);
  return due() ? -1 : real(fd);
}

int fsync(int fd) { return call("fsync", fd); }
int fdatasync(int fd) { return call("fdatasync", fd); }
