/* SPDX-License-Identifier: GPL-3.0-or-later
   Loaded before libc (LD_PRELOAD) by fault tests: counts every call that changes a file below SR_FAULT_DIR, and at the
   SR_FAULT_AT-th kills the process (SR_FAULT_KIND=kill) or has the disk full from there on (SR_FAULT_KIND=full).
   Linked into a test, it counts syncs: sr_fault_syncs().
   With SR_FAULT_COUNT=FILE the number of calls is written there at the end. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;
static atomic_long syncs;
static long faultAt = -1;
static int kills;
static const char *dir;

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("SR_FAULT_AT");
    const char *kind = getenv("SR_FAULT_KIND");
    dir = getenv("SR_FAULT_DIR");
    faultAt = at != NULL ? atol(at) : -1;
    kills = kind != NULL && strcmp(kind, "kill") == 0;
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("SR_FAULT_COUNT");
    FILE *file = path != NULL ? fopen(path, "w") : NULL;
    if (file != NULL) {
        fprintf(file, "%ld\n", atomic_load(&calls));
        fclose(file);
    }
}

/* Files and folders brought to the disk so far: all of them without SR_FAULT_DIR. */
long sr_fault_syncs(void);
long sr_fault_syncs(void) { return atomic_load(&syncs); }

static int concerns(const char *path) { return dir != NULL && path != NULL && strncmp(path, dir, strlen(dir)) == 0; }

static int concernsFd(int fd)
{
    char link[64];
    char path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0)
        return 0;
    path[length] = '\0';
    return concerns(path);
}

static void countSync(int fd)
{
    if (dir == NULL || concernsFd(fd))
        atomic_fetch_add(&syncs, 1);
}

/* 1 if this call must fail: the disk is full. `grows` is 0 for calls that need no room. */
static int strike(int concerned, int grows)
{
    if (!concerned)
        return 0;
    const long number = atomic_fetch_add(&calls, 1) + 1;
    if (faultAt < 0 || number < faultAt)
        return 0;
    if (kills)
        kill(getpid(), SIGKILL);
    if (!grows)
        return 0;
    errno = ENOSPC;
    return 1;
}

#define REAL(name, type, ...) \
    static type (*real)(__VA_ARGS__); \
    if (real == NULL) \
    *(void **)&real = dlsym(RTLD_NEXT, name)

ssize_t write(int fd, const void *bytes, size_t count)
{
    REAL("write", ssize_t, int, const void *, size_t);
    return strike(concernsFd(fd), 1) ? -1 : real(fd, bytes, count);
}
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
    REAL("pwrite", ssize_t, int, const void *, size_t, off_t);
    return strike(concernsFd(fd), 1) ? -1 : real(fd, bytes, count, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at)
{
    REAL("pwrite64", ssize_t, int, const void *, size_t, off64_t);
    return strike(concernsFd(fd), 1) ? -1 : real(fd, bytes, count, at);
}
int fsync(int fd)
{
    REAL("fsync", int, int);
    countSync(fd);
    (void)strike(concernsFd(fd), 0);
    return real(fd);
}
int fdatasync(int fd)
{
    REAL("fdatasync", int, int);
    countSync(fd);
    (void)strike(concernsFd(fd), 0);
    return real(fd);
}
int rename(const char *from, const char *to)
{
    REAL("rename", int, const char *, const char *);
    (void)strike(concerns(to), 0);
    return real(from, to);
}
int renameat2(int fromDir, const char *from, int toDir, const char *to, unsigned flags)
{
    REAL("renameat2", int, int, const char *, int, const char *, unsigned);
    (void)strike(concerns(to), 0);
    return real(fromDir, from, toDir, to, flags);
}
int link(const char *from, const char *to)
{
    REAL("link", int, const char *, const char *);
    (void)strike(concerns(to), 0);
    return real(from, to);
}
int unlink(const char *path)
{
    REAL("unlink", int, const char *);
    (void)strike(concerns(path), 0);
    return real(path);
}
int ftruncate(int fd, off_t length)
{
    REAL("ftruncate", int, int, off_t);
    (void)strike(concernsFd(fd), 0);
    return real(fd, length);
}
int mkdir(const char *path, mode_t mode)
{
    REAL("mkdir", int, const char *, mode_t);
    return strike(concerns(path), 1) ? -1 : real(path, mode);
}
static int openFlags(int flags) { return (flags & (O_CREAT | O_TRUNC)) != 0; }
int open(const char *path, int flags, ...)
{
    REAL("open", int, const char *, int, ...);
    va_list list;
    va_start(list, flags);
    const mode_t mode = openFlags(flags) ? va_arg(list, mode_t) : 0;
    va_end(list);
    if (openFlags(flags) && access(path, F_OK) != 0 && strike(concerns(path), 1))
        return -1;
    return real(path, flags, mode);
}
int open64(const char *path, int flags, ...)
{
    REAL("open64", int, const char *, int, ...);
    va_list list;
    va_start(list, flags);
    const mode_t mode = openFlags(flags) ? va_arg(list, mode_t) : 0;
    va_end(list);
    if (openFlags(flags) && access(path, F_OK) != 0 && strike(concerns(path), 1))
        return -1;
    return real(path, flags, mode);
}
