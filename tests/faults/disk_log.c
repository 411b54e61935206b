/* Logs, in order, every change that this process makes to files below a folder, and every sync.

   Preloaded into a process; the log is replayed by disk.py, which can then tell what a disk holds after a power cut.

   DISK_ROOT     the folder, as an absolute path without links
   DISK_LOG      where the log goes; it lies outside the folder
   DISK_DIE_AT   number of the sync, from 0, in place of which the process dies as by SIGKILL (optional)

   A record of the log: kind (1 byte), descriptor (4), offset or size (8), length (4), then `length` bytes. Little endian.
   Syncs are logged and not carried out: the replay decides what is safe. Shared-memory files of SQLite are left out; they
   are made anew when the first process opens the database. A call that changes files in a way that is not logged ends the
   process, so that no change is missed. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST_DESCRIPTORS 4096
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

enum { OPEN = 'o', CREATE = 'c', CLOSE = 'x', WRITE = 'w', SIZE = 't', SYNC = 's', MOVE = 'm', UNLINK = 'u', MKDIR = 'd',
       RMDIR = 'r' };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_MAX];
static size_t root_length;
static int log_file = -1;
static char buffer[1 << 20];
static size_t used;
static long syncs, die_at = -1;
static unsigned char tracked[MOST_DESCRIPTORS], appends[MOST_DESCRIPTORS];

static ssize_t (*real_write)(int, const void *, size_t);

static void flush(void) {
    size_t at = 0;
    while (at < used) {
        ssize_t done = real_write(log_file, buffer + at, used - at);
        if (done <= 0) abort();
        at += (size_t)done;
    }
    used = 0;
}

static void put(const void *data, size_t length) {
    while (length) {
        size_t part = sizeof buffer - used < length ? sizeof buffer - used : length;
        memcpy(buffer + used, data, part);
        used += part;
        data = (const char *)data + part;
        length -= part;
        if (used == sizeof buffer) flush();
    }
}

static void record(char kind, int descriptor, int64_t number, const void *data, uint32_t length) {
    int32_t fd = descriptor;
    put(&kind, 1);
    put(&fd, 4);
    put(&number, 8);
    put(&length, 4);
    put(data, length);
}

static void record_path(char kind, int descriptor, const char *path) {
    record(kind, descriptor, 0, path, (uint32_t)strlen(path));
}

__attribute__((constructor)) static void begin(void) {
    const char *folder = getenv("DISK_ROOT"), *target = getenv("DISK_LOG"), *number = getenv("DISK_DIE_AT");
    real_write = REAL(write);
    if (!folder || !target) return;
    snprintf(root, sizeof root, "%s/", folder);
    root_length = strlen(root);
    log_file = REAL(open64)(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (log_file < 0) abort();
    if (number) die_at = atol(number);
}

__attribute__((destructor)) static void end(void) {
    if (log_file >= 0) flush();
}

/* Gives 1 and the path below the root where the file is one that is followed. */
static int below(int folder, const char *path, char *result) {
    char whole[2 * PATH_MAX], link[64];
    if (log_file < 0 || !path) return 0;
    if (path[0] == '/' || folder == AT_FDCWD) {
        snprintf(whole, sizeof whole, "%s", path);
    } else {
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        ssize_t length = readlink(link, whole, PATH_MAX);
        if (length < 0) return 0;
        snprintf(whole + length, sizeof whole - (size_t)length, "/%s", path);
    }
    size_t length = strlen(whole);
    if (length >= 4 && !strcmp(whole + length - 4, "-shm")) return 0;
    if (length + 1 == root_length && !strncmp(whole, root, length)) {
        result[0] = 0;
        return 1;
    }
    if (strncmp(whole, root, root_length)) return 0;
    snprintf(result, PATH_MAX, "%s", whole + root_length);
    return 1;
}

static int follows(int fd) { return log_file >= 0 && fd >= 0 && fd < MOST_DESCRIPTORS && tracked[fd]; }

static int open_at(int folder, const char *path, int flags, mode_t mode) {
    char name[PATH_MAX];
    struct stat64 before;
    if (!below(folder, path, name)) return REAL(openat64)(folder, path, flags, mode);
    pthread_mutex_lock(&lock);
    int existed = REAL(fstatat64)(folder, path, &before, 0) == 0;
    int fd = REAL(openat64)(folder, path, flags, mode);
    int error = errno;
    if (fd >= MOST_DESCRIPTORS) abort();
    if (fd >= 0) {
        tracked[fd] = 1;
        appends[fd] = (flags & O_APPEND) != 0;
        record_path(existed ? OPEN : CREATE, fd, name);
        if (existed && (flags & O_TRUNC)) record(SIZE, fd, 0, "", 0);
    }
    pthread_mutex_unlock(&lock);
    errno = error;
    return fd;
}

static mode_t mode_of(int flags, va_list *list) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(*list, mode_t) : 0; }

#define OPENER(name)                                            \
    int name(const char *path, int flags, ...) {                \
        va_list list;                                           \
        va_start(list, flags);                                  \
        mode_t mode = mode_of(flags, &list);                    \
        va_end(list);                                           \
        return open_at(AT_FDCWD, path, flags, mode);            \
    }
#define OPENER_AT(name)                                         \
    int name(int folder, const char *path, int flags, ...) {    \
        va_list list;                                           \
        va_start(list, flags);                                  \
        mode_t mode = mode_of(flags, &list);                    \
        va_end(list);                                           \
        return open_at(folder, path, flags, mode);              \
    }
OPENER(open)
OPENER(open64)
OPENER_AT(openat)
OPENER_AT(openat64)

int close(int fd) {
    int (*real)(int) = REAL(close);
    if (!follows(fd)) return real(fd);
    pthread_mutex_lock(&lock);
    tracked[fd] = 0;
    record(CLOSE, fd, 0, "", 0);
    int result = real(fd);
    pthread_mutex_unlock(&lock);
    return result;
}

static ssize_t write_at(int fd, const void *data, size_t length, int64_t offset) {
    pthread_mutex_lock(&lock);
    int64_t at = offset;
    if (offset < 0) at = appends[fd] ? lseek64(fd, 0, SEEK_END) : lseek64(fd, 0, SEEK_CUR);
    ssize_t done = offset < 0 ? real_write(fd, data, length) : REAL(pwrite64)(fd, data, length, offset);
    int error = errno;
    if (done > 0) record(WRITE, fd, at, data, (uint32_t)done);
    pthread_mutex_unlock(&lock);
    errno = error;
    return done;
}

ssize_t write(int fd, const void *data, size_t length) {
    return follows(fd) ? write_at(fd, data, length, -1) : (real_write ? real_write : REAL(write))(fd, data, length);
}

#define WRITER_AT(name)                                                           \
    ssize_t name(int fd, const void *data, size_t length, off64_t offset) {       \
        return follows(fd) ? write_at(fd, data, length, offset) : REAL(name)(fd, data, length, offset); \
    }
WRITER_AT(pwrite)
WRITER_AT(pwrite64)

static int resize(int fd, off64_t size) {
    pthread_mutex_lock(&lock);
    int result = REAL(ftruncate64)(fd, size);
    if (result == 0) record(SIZE, fd, size, "", 0);
    pthread_mutex_unlock(&lock);
    return result;
}
int ftruncate(int fd, off_t size) { return follows(fd) ? resize(fd, size) : REAL(ftruncate64)(fd, size); }
int ftruncate64(int fd, off64_t size) { return follows(fd) ? resize(fd, size) : REAL(ftruncate64)(fd, size); }

static int sync_file(int fd) {
    pthread_mutex_lock(&lock);
    if (syncs++ == die_at) {
        flush();
        kill(getpid(), SIGKILL);
    }
    record(SYNC, fd, 0, "", 0);
    pthread_mutex_unlock(&lock);
    return 0;
}
int fsync(int fd) { return follows(fd) ? sync_file(fd) : REAL(fsync)(fd); }
int fdatasync(int fd) { return follows(fd) ? sync_file(fd) : REAL(fdatasync)(fd); }

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    char source[PATH_MAX], target[PATH_MAX], both[2 * PATH_MAX];
    int (*real)(int, const char *, int, const char *, unsigned) = REAL(renameat2);
    int inside = below(from_folder, from, source);
    if (inside != below(to_folder, to, target) || (inside && flags)) abort();
    if (!inside) return real(from_folder, from, to_folder, to, flags);
    pthread_mutex_lock(&lock);
    int result = real(from_folder, from, to_folder, to, flags);
    int error = errno;
    size_t length = strlen(source);
    memcpy(both, source, length + 1);
    strcpy(both + length + 1, target);
    if (result == 0) record(MOVE, -1, 0, both, (uint32_t)(length + 1 + strlen(target)));
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}
int renameat(int a, const char *from, int b, const char *to) { return renameat2(a, from, b, to, 0); }
int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int folder, const char *path, int flags) {
    char name[PATH_MAX];
    int (*real)(int, const char *, int) = REAL(unlinkat);
    if (!below(folder, path, name)) return real(folder, path, flags);
    pthread_mutex_lock(&lock);
    int result = real(folder, path, flags);
    int error = errno;
    if (result == 0) record_path(flags & AT_REMOVEDIR ? RMDIR : UNLINK, -1, name);
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int folder, const char *path, mode_t mode) {
    char name[PATH_MAX];
    int (*real)(int, const char *, mode_t) = REAL(mkdirat);
    if (!below(folder, path, name)) return real(folder, path, mode);
    pthread_mutex_lock(&lock);
    int result = real(folder, path, mode);
    int error = errno;
    if (result == 0) record_path(MKDIR, -1, name);
    pthread_mutex_unlock(&lock);
    errno = error;
    return result;
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

/* What is not logged must not happen. */
static void refuse(int fd) {
    if (follows(fd)) abort();
}
ssize_t writev(int fd, const struct iovec *parts, int count) { refuse(fd); return REAL(writev)(fd, parts, count); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { refuse(fd); return REAL(pwritev)(fd, parts, count, at); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) { refuse(fd); return REAL(pwritev64)(fd, parts, count, at); }
ssize_t sendfile64(int to, int from, off64_t *at, size_t length) {
    ssize_t (*real)(int, int, off64_t *, size_t) = (ssize_t(*)(int, int, off64_t *, size_t))dlsym(RTLD_NEXT, "sendfile64");
    refuse(to);
    return real(to, from, at, length);
}
ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *on, size_t length, unsigned flags) {
    refuse(to);
    return REAL(copy_file_range)(from, at, to, on, length, flags);
}
int fallocate64(int fd, int mode, off64_t at, off64_t length) { refuse(fd); return REAL(fallocate64)(fd, mode, at, length); }
int posix_fallocate64(int fd, off64_t at, off64_t length) { refuse(fd); return REAL(posix_fallocate64)(fd, at, length); }
int link(const char *from, const char *to) {
    char name[PATH_MAX];
    if (below(AT_FDCWD, to, name)) abort();
    return REAL(link)(from, to);
}
int symlink(const char *from, const char *to) {
    char name[PATH_MAX];
    if (below(AT_FDCWD, to, name)) abort();
    return REAL(symlink)(from, to);
}
