/* Makes the disk under a database fail on demand. Preloaded into a process under test; while the file named by
 * QUELL_FAULT exists, its first letter says how: `s` syncs fail with EIO, `w` writes fail with ENOSPC. Only files
 * with "quell.db" in their path are touched. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fails(int fd, char kind) {
    const char *control = getenv("QUELL_FAULT");
    if (!control) return 0;
    int saved = errno;
    char wanted = 0;
    int file = (int)syscall(SYS_openat, AT_FDCWD, control, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        if (syscall(SYS_read, file, &wanted, 1) != 1) wanted = 0;
        syscall(SYS_close, file);
    }
    int hit = 0;
    if (wanted == kind) {
        char link[64], path[4096];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t length = readlink(link, path, sizeof path - 1);
        if (length > 0) {
            path[length] = 0;
            hit = strstr(path, "quell.db") != NULL;
        }
    }
    errno = saved;
    return hit;
}

#define REAL(name, type) ((type)dlsym(RTLD_NEXT, name))
#define FAIL(code) do { errno = (code); return -1; } while (0)

int fsync(int fd) {
    if (fails(fd, 's')) FAIL(EIO);
    return REAL("fsync", int (*)(int))(fd);
}

int fdatasync(int fd) {
    if (fails(fd, 's')) FAIL(EIO);
    return REAL("fdatasync", int (*)(int))(fd);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    if (fails(fd, 'w')) FAIL(ENOSPC);
    return REAL("write", ssize_t (*)(int, const void *, size_t))(fd, bytes, length);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
    if (fails(fd, 'w')) FAIL(ENOSPC);
    return REAL("pwrite", ssize_t (*)(int, const void *, size_t, off_t))(fd, bytes, length, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
    if (fails(fd, 'w')) FAIL(ENOSPC);
    return REAL("pwrite64", ssize_t (*)(int, const void *, size_t, off64_t))(fd, bytes, length, at);
}
