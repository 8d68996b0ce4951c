/* Makes the n-th call of one kind fail, or kills at it, in every process of one command.

   Preloaded into the console and, through the environment, into its workers.  A process whose
   command line names a stranger (FAULTS_STRANGERS, the trading program) disarms itself and takes
   the variables out of its environment, so that nothing it starts is armed either.

   Only calls on paths below FAULTS_ROOTS (colon-separated) count.  The counts lie in the file
   FAULTS_COUNTER, mapped by all processes, so that n runs across them.  Layout: `struct shared`,
   read by interposer.py.

   FAULTS_CALL   the kind of call, by the names of `kinds`; empty: count only
   FAULTS_AT     n, from 1
   FAULTS_ERROR  an errno, or kill-before, kill-after (this process), crash-before, crash-after
                 (its whole process group)
   FAULTS_FROM   "once", or "lasting": the n-th and all after it.  EINTR lasting hits every second
                 one, because a system call that is tried again does get through one day.
   FAULTS_BELOW  count and hit only paths with this beginning
*/
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { OPEN, WRITE, PWRITE, FSYNC, RENAME, LINK, UNLINK, RMDIR, FTRUNCATE, MKDIR, CHMOD, KINDS };
static const char *const kinds[KINDS] = {"open", "write", "pwrite", "fsync", "rename", "link",
                                         "unlink", "rmdir", "ftruncate", "mkdir", "chmod"};

struct shared {
    uint64_t count[16];
    uint64_t fired;
    uint64_t pid;
    char path[512];
};

enum act { NONE, FAIL, KILL_BEFORE, KILL_AFTER, CRASH_BEFORE, CRASH_AFTER };
static struct shared *shared;
static int target = -1, error_number, lasting;
static enum act act = NONE;
static uint64_t at;
static char roots[4096], below[4096];

static int armed_here(void)
{
    char line[65536];
    const char *strangers = getenv("FAULTS_STRANGERS");
    int descriptor = syscall(SYS_openat, AT_FDCWD, "/proc/self/cmdline", O_RDONLY);
    if (!strangers || descriptor < 0)
        return 1;
    ssize_t size = syscall(SYS_read, descriptor, line, sizeof line - 1);
    syscall(SYS_close, descriptor);
    for (ssize_t i = 0; i < size; i++)
        if (line[i] == 0)
            line[i] = '\n';
    line[size > 0 ? size : 0] = 0;
    return strstr(line, strangers) == NULL;
}

/* Also called by a process that was forked from one that was not armed. */
__attribute__((constructor)) void faults_arm(void)
{
    const char *counter = getenv("FAULTS_COUNTER");
    if (!counter)
        return;
    if (!armed_here()) {
        unsetenv("LD_PRELOAD");
        unsetenv("FAULTS_COUNTER");
        return;
    }
    int descriptor = syscall(SYS_openat, AT_FDCWD, counter, O_RDWR | O_CLOEXEC);
    if (descriptor < 0)
        return;
    void *place = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    syscall(SYS_close, descriptor);
    if (place == MAP_FAILED)
        return;
    snprintf(roots, sizeof roots, "%s", getenv("FAULTS_ROOTS") ? getenv("FAULTS_ROOTS") : "");
    snprintf(below, sizeof below, "%s", getenv("FAULTS_BELOW") ? getenv("FAULTS_BELOW") : "");
    const char *call = getenv("FAULTS_CALL"), *error = getenv("FAULTS_ERROR");
    const char *from = getenv("FAULTS_FROM"), *number = getenv("FAULTS_AT");
    for (int i = 0; call && i < KINDS; i++)
        if (strcmp(call, kinds[i]) == 0)
            target = i;
    at = number ? strtoull(number, NULL, 10) : 0;
    lasting = from && strcmp(from, "lasting") == 0;
    if (error && target >= 0 && at > 0) {
        error_number = atoi(error);
        act = strcmp(error, "kill-before") == 0    ? KILL_BEFORE
              : strcmp(error, "kill-after") == 0   ? KILL_AFTER
              : strcmp(error, "crash-before") == 0 ? CRASH_BEFORE
              : strcmp(error, "crash-after") == 0  ? CRASH_AFTER
                                                   : FAIL;
    }
    shared = place;
}

static int counts(const char *path)
{
    if (below[0])
        return strncmp(path, below, strlen(below)) == 0;
    for (const char *root = roots; *root;) {
        size_t length = strcspn(root, ":");
        if (length && strncmp(path, root, length) == 0 && (path[length] == '/' || !path[length]))
            return 1;
        root += length + (root[length] == ':');
    }
    return 0;
}

static void die(enum act how)
{
    if (how == CRASH_BEFORE || how == CRASH_AFTER)
        syscall(SYS_kill, 0, SIGKILL);
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;)
        pause();
}

/* Count the call; return what is to become of it. */
static enum act pass(enum kind kind, const char *path)
{
    if (!shared || !counts(path))
        return NONE;
    uint64_t number = __atomic_add_fetch(&shared->count[kind], 1, __ATOMIC_SEQ_CST);
    if ((int)kind != target || act == NONE || number < at || (number > at && !lasting))
        return NONE;
    if (lasting && act == FAIL && error_number == EINTR && (number - at) % 2)
        return NONE;
    if (__atomic_add_fetch(&shared->fired, 1, __ATOMIC_SEQ_CST) == 1) {
        shared->pid = getpid();
        snprintf(shared->path, sizeof shared->path, "%s", path);
    }
    if (act == KILL_BEFORE || act == CRASH_BEFORE)
        die(act);
    return act;
}

static enum act pass_fd(enum kind kind, int descriptor)
{
    char name[64], path[PATH_MAX];
    if (!shared)
        return NONE;
    snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
    ssize_t length = syscall(SYS_readlink, name, path, sizeof path - 1);
    if (length <= 0 || path[0] != '/')
        return NONE;
    path[length] = 0;
    return pass(kind, path);
}

static enum act pass_at(enum kind kind, int folder, const char *given)
{
    char path[2 * PATH_MAX], name[64];
    if (!shared || !given)
        return NONE;
    if (given[0] == '/')
        return pass(kind, given);
    ssize_t length;
    if (folder == AT_FDCWD) {
        length = syscall(SYS_getcwd, path, PATH_MAX);
        length = length > 0 ? (ssize_t)strlen(path) : 0;
    } else {
        snprintf(name, sizeof name, "/proc/self/fd/%d", folder);
        length = syscall(SYS_readlink, name, path, PATH_MAX - 1);
    }
    if (length <= 0)
        return NONE;
    snprintf(path + length, sizeof path - length, "/%s", given);
    return pass(kind, path);
}

#define REAL(type, name, parameters)                                                               \
    static type (*real) parameters;                                                                \
    if (!real)                                                                                     \
        real = (type(*) parameters)dlsym(RTLD_NEXT, #name);

#define FINISH(type, passed, failure, call)                                                        \
    enum act todo = passed;                                                                        \
    if (todo == FAIL) {                                                                            \
        errno = error_number;                                                                      \
        return failure;                                                                            \
    }                                                                                              \
    type result = call;                                                                            \
    if (todo != NONE)                                                                              \
        die(todo);                                                                                 \
    return result;

#define OPENER(name)                                                                               \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;                    \
        va_end(rest);                                                                              \
        REAL(int, name, (const char *, int, ...))                                                  \
        FINISH(int, pass_at(OPEN, AT_FDCWD, path), -1, real(path, flags, mode))                    \
    }
#define OPENER_AT(name)                                                                            \
    int name(int folder, const char *path, int flags, ...)                                         \
    {                                                                                              \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;                    \
        va_end(rest);                                                                              \
        REAL(int, name, (int, const char *, int, ...))                                             \
        FINISH(int, pass_at(OPEN, folder, path), -1, real(folder, path, flags, mode))              \
    }
OPENER(open)
OPENER(open64)
OPENER_AT(openat)
OPENER_AT(openat64)

#define HARDENED(name)                                                                             \
    int name(const char *path, int flags)                                                          \
    {                                                                                              \
        REAL(int, name, (const char *, int))                                                       \
        FINISH(int, pass_at(OPEN, AT_FDCWD, path), -1, real(path, flags))                          \
    }
HARDENED(__open_2)
HARDENED(__open64_2)

int creat(const char *path, mode_t mode)
{
    REAL(int, creat, (const char *, mode_t))
    FINISH(int, pass_at(OPEN, AT_FDCWD, path), -1, real(path, mode))
}

DIR *opendir(const char *path)
{
    REAL(DIR *, opendir, (const char *))
    FINISH(DIR *, pass_at(OPEN, AT_FDCWD, path), NULL, real(path))
}

ssize_t write(int descriptor, const void *bytes, size_t size)
{
    REAL(ssize_t, write, (int, const void *, size_t))
    FINISH(ssize_t, pass_fd(WRITE, descriptor), -1, real(descriptor, bytes, size))
}

ssize_t writev(int descriptor, const struct iovec *parts, int count)
{
    REAL(ssize_t, writev, (int, const struct iovec *, int))
    FINISH(ssize_t, pass_fd(WRITE, descriptor), -1, real(descriptor, parts, count))
}

ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t size, unsigned flags)
{
    REAL(ssize_t, copy_file_range, (int, off64_t *, int, off64_t *, size_t, unsigned))
    FINISH(ssize_t, pass_fd(WRITE, out), -1, real(in, from, out, to, size, flags))
}

#define SENDER(name, offset)                                                                       \
    ssize_t name(int out, int in, offset *from, size_t size)                                       \
    {                                                                                              \
        REAL(ssize_t, name, (int, int, offset *, size_t))                                          \
        FINISH(ssize_t, pass_fd(WRITE, out), -1, real(out, in, from, size))                        \
    }
SENDER(sendfile, off_t)
SENDER(sendfile64, off64_t)

#define PWRITER(name, offset)                                                                      \
    ssize_t name(int descriptor, const void *bytes, size_t size, offset place)                     \
    {                                                                                              \
        REAL(ssize_t, name, (int, const void *, size_t, offset))                                   \
        FINISH(ssize_t, pass_fd(PWRITE, descriptor), -1, real(descriptor, bytes, size, place))     \
    }
PWRITER(pwrite, off_t)
PWRITER(pwrite64, off64_t)

#define PWRITERV(name, offset)                                                                     \
    ssize_t name(int descriptor, const struct iovec *parts, int count, offset place)               \
    {                                                                                              \
        REAL(ssize_t, name, (int, const struct iovec *, int, offset))                              \
        FINISH(ssize_t, pass_fd(PWRITE, descriptor), -1, real(descriptor, parts, count, place))    \
    }
PWRITERV(pwritev, off_t)
PWRITERV(pwritev64, off64_t)

#define BY_DESCRIPTOR(name, kind)                                                                  \
    int name(int descriptor)                                                                       \
    {                                                                                              \
        REAL(int, name, (int))                                                                     \
        FINISH(int, pass_fd(kind, descriptor), -1, real(descriptor))                               \
    }
BY_DESCRIPTOR(fsync, FSYNC)
BY_DESCRIPTOR(fdatasync, FSYNC)
BY_DESCRIPTOR(syncfs, FSYNC)

#define TRUNCATOR(name, offset)                                                                    \
    int name(int descriptor, offset size)                                                          \
    {                                                                                              \
        REAL(int, name, (int, offset))                                                             \
        FINISH(int, pass_fd(FTRUNCATE, descriptor), -1, real(descriptor, size))                    \
    }
TRUNCATOR(ftruncate, off_t)
TRUNCATOR(ftruncate64, off64_t)

#define ALLOCATOR(name, offset)                                                                    \
    int name(int descriptor, offset from, offset size)                                             \
    {                                                                                              \
        REAL(int, name, (int, offset, offset))                                                     \
        FINISH(int, pass_fd(FTRUNCATE, descriptor), error_number, real(descriptor, from, size))    \
    }
ALLOCATOR(posix_fallocate, off_t)
ALLOCATOR(posix_fallocate64, off64_t)

int truncate(const char *path, off_t size)
{
    REAL(int, truncate, (const char *, off_t))
    FINISH(int, pass_at(FTRUNCATE, AT_FDCWD, path), -1, real(path, size))
}

int rename(const char *from, const char *to)
{
    REAL(int, rename, (const char *, const char *))
    FINISH(int, pass_at(RENAME, AT_FDCWD, to), -1, real(from, to))
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    REAL(int, renameat, (int, const char *, int, const char *))
    FINISH(int, pass_at(RENAME, to_folder, to), -1, real(from_folder, from, to_folder, to))
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    REAL(int, renameat2, (int, const char *, int, const char *, unsigned))
    FINISH(int, pass_at(RENAME, to_folder, to), -1, real(from_folder, from, to_folder, to, flags))
}

int link(const char *from, const char *to)
{
    REAL(int, link, (const char *, const char *))
    FINISH(int, pass_at(LINK, AT_FDCWD, to), -1, real(from, to))
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
    REAL(int, linkat, (int, const char *, int, const char *, int))
    FINISH(int, pass_at(LINK, to_folder, to), -1, real(from_folder, from, to_folder, to, flags))
}

int symlink(const char *target_path, const char *to)
{
    REAL(int, symlink, (const char *, const char *))
    FINISH(int, pass_at(LINK, AT_FDCWD, to), -1, real(target_path, to))
}

int unlink(const char *path)
{
    REAL(int, unlink, (const char *))
    FINISH(int, pass_at(UNLINK, AT_FDCWD, path), -1, real(path))
}

int unlinkat(int folder, const char *path, int flags)
{
    REAL(int, unlinkat, (int, const char *, int))
    FINISH(int, pass_at(flags & AT_REMOVEDIR ? RMDIR : UNLINK, folder, path), -1,
           real(folder, path, flags))
}

int rmdir(const char *path)
{
    REAL(int, rmdir, (const char *))
    FINISH(int, pass_at(RMDIR, AT_FDCWD, path), -1, real(path))
}

int mkdir(const char *path, mode_t mode)
{
    REAL(int, mkdir, (const char *, mode_t))
    FINISH(int, pass_at(MKDIR, AT_FDCWD, path), -1, real(path, mode))
}

int mkdirat(int folder, const char *path, mode_t mode)
{
    REAL(int, mkdirat, (int, const char *, mode_t))
    FINISH(int, pass_at(MKDIR, folder, path), -1, real(folder, path, mode))
}

int chmod(const char *path, mode_t mode)
{
    REAL(int, chmod, (const char *, mode_t))
    FINISH(int, pass_at(CHMOD, AT_FDCWD, path), -1, real(path, mode))
}

int fchmod(int descriptor, mode_t mode)
{
    REAL(int, fchmod, (int, mode_t))
    FINISH(int, pass_fd(CHMOD, descriptor), -1, real(descriptor, mode))
}

int fchmodat(int folder, const char *path, mode_t mode, int flags)
{
    REAL(int, fchmodat, (int, const char *, mode_t, int))
    FINISH(int, pass_at(CHMOD, folder, path), -1, real(folder, path, mode, flags))
}

int chown(const char *path, uid_t user, gid_t group)
{
    REAL(int, chown, (const char *, uid_t, gid_t))
    FINISH(int, pass_at(CHMOD, AT_FDCWD, path), -1, real(path, user, group))
}

int fchown(int descriptor, uid_t user, gid_t group)
{
    REAL(int, fchown, (int, uid_t, gid_t))
    FINISH(int, pass_fd(CHMOD, descriptor), -1, real(descriptor, user, group))
}
