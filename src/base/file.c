/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

static gan_status cannot(gan_error *err, const char *what, const char *path, int code) {
    return gan__fail(err, GAN_EIO, "cannot %s %s: %s", what, path, strerror(code));
}

/* --- reading --- */

/* Without O_NONBLOCK a pipe would wait for its writer before it could be refused. */
static gan_status open_regular(const char *path, size_t limit, FILE **file, size_t *size,
                               gan_error *err) {
    int fd = open(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0) return cannot(err, "open", path, errno);
    FILE *f = NULL;
    struct stat st;
    gan_status s = GAN_OK;
    if (fstat(fd, &st))
        s = cannot(err, "examine", path, errno);
    else if (!S_ISREG(st.st_mode))
        s = gan__fail(err, GAN_EIO, "%s is not a regular file", path);
    else if ((uintmax_t)st.st_size > limit)
        s = gan__fail(err, GAN_EFORMAT, "%s has %jd bytes, more than the limit of %zu", path,
                      (intmax_t)st.st_size, limit);
    else if (!(f = fdopen(fd, "rb")))
        s = cannot(err, "open", path, errno);
    if (s)
        close(fd);
    else
        *file = f, *size = (size_t)st.st_size;
    return s;
}

gan_status gan__file_read(const char *path, size_t limit, unsigned char **data, size_t *size,
                          gan_error *err) {
    FILE *f = NULL;
    size_t n = 0;
    gan_status s = open_regular(path, limit, &f, &n, err);
    if (s) return s;
    unsigned char *bytes = gan__alloc(n + 1, 1);
    if (!bytes) {
        s = gan__fail_memory(err);
    } else if (fread(bytes, 1, n, f) != n) {
        s = gan__fail(err, GAN_EIO, "cannot read %s: %s", path,
                      ferror(f) ? strerror(errno) : "it became shorter");
        gan__free(bytes);
    } else {
        bytes[n] = 0;
        *data = bytes;
        *size = n;
    }
    fclose(f);
    return s;
}

uint64_t gan__load_u64(const unsigned char *p) {
    uint64_t v = 0;
    for (int i = 7; i >= 0; i--) v = v << 8 | p[i];
    return v;
}

/* --- writing --- */

static void writer_clear(gan__writer *w) {
    gan__free(w->path);
    gan__free(w->temporary);
    *w = (gan__writer){0};
}

gan_status gan__writer_open(gan__writer *w, const char *path, gan_error *err) {
    size_t n = strlen(path);
    *w = (gan__writer){0};
    w->path = gan__strdup(path);
    w->temporary = gan__alloc(n + 5, 1);
    if (!w->path || !w->temporary) {
        writer_clear(w);
        return gan__fail_memory(err);
    }
    memcpy(w->temporary, path, n);
    memcpy(w->temporary + n, ".tmp", 5);
    w->file = fopen(w->temporary, "wb");
    if (w->file) return GAN_OK;
    gan_status s = cannot(err, "create", w->temporary, errno);
    writer_clear(w);
    return s;
}

void gan__writer_put(gan__writer *w, const void *data, size_t size) {
    if (w->failed || !size) return;
    if (fwrite(data, 1, size, w->file) != size) w->failed = errno ? errno : EIO;
}

void gan__writer_put_u64(gan__writer *w, uint64_t value) {
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)(value >> 8 * i);
    gan__writer_put(w, bytes, sizeof bytes);
}

/* The rename itself reaches the disk only with the directory. A file system without such a sync is
 * no reason to fail. */
static void sync_parent(const char *path) {
    char *dir = gan__strdup(path);
    if (!dir) return;
    char *slash = strrchr(dir, '/');
    if (slash) slash[slash == dir] = 0;
    int fd = open(slash ? dir : ".", O_RDONLY);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    gan__free(dir);
}

gan_status gan__writer_commit(gan__writer *w, gan_error *err) {
    if (!w->failed && fflush(w->file)) w->failed = errno;
    if (!w->failed && fsync(fileno(w->file))) w->failed = errno;
    if (fclose(w->file) && !w->failed) w->failed = errno;
    if (!w->failed && rename(w->temporary, w->path)) w->failed = errno;
    gan_status s = GAN_OK;
    if (w->failed) {
        s = cannot(err, "write", w->path, w->failed);
        remove(w->temporary);
    } else {
        sync_parent(w->path);
    }
    writer_clear(w);
    return s;
}

void gan__writer_abandon(gan__writer *w) {
    if (!w->file) return;
    fclose(w->file);
    remove(w->temporary);
    writer_clear(w);
}

/* --- paths --- */

char *gan__path_join(const char *dir, const char *name) {
    size_t n = strlen(dir), m = strlen(name);
    int slash = n && dir[n - 1] != '/';
    char *path = gan__alloc(n + (size_t)slash + m + 1, 1);
    if (!path) return NULL;
    memcpy(path, dir, n);
    if (slash) path[n] = '/';
    memcpy(path + n + slash, name, m + 1);
    return path;
}

static int make_one(const char *path) {
    struct stat st;
    if (!mkdir(path, 0777)) return 0;
    int code = errno;
    if (code == EEXIST && (stat(path, &st) || !S_ISDIR(st.st_mode))) return ENOTDIR;
    return code == EEXIST ? 0 : code;
}

gan_status gan__dir_make(const char *path, gan_error *err) {
    char *copy = gan__strdup(path);
    if (!copy) return gan__fail_memory(err);
    int code = 0;
    for (char *p = copy + 1; *copy && *p && !code; p++)
        if (*p == '/') {
            *p = 0;
            code = make_one(copy);
            *p = '/';
        }
    if (!code) code = make_one(copy);
    gan__free(copy);
    return code ? cannot(err, "make the directory", path, code) : GAN_OK;
}
