/* SPDX-License-Identifier: MIT */
#include "data/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/error.h"

#define MAX_DEPTH 64

/* The folders that lead to the present one: one that is met again below itself is a circle. */
typedef struct level {
    const struct level *above;
    dev_t device;
    ino_t inode;
    int depth;
} level;

static gan_status walk(gan__folder *f, const char *dir, const level *above, gan_error *err);

static char *joined(gan__folder *f, const char *dir, const char *name) {
    size_t n = strlen(dir), m = strlen(name);
    int slash = n && dir[n - 1] != '/';
    char *path = gan__arena_take(&f->arena, n + (size_t)slash + m + 1);
    if (!path) return NULL;
    memcpy(path, dir, n);
    if (slash) path[n] = '/';
    memcpy(path + n + slash, name, m + 1);
    return path;
}

static int add(gan__folder *f, char *path) {
    char **paths = gan__grow(f->paths, &f->capacity, f->count, sizeof *paths);
    if (!paths) return 0;
    f->paths = paths;
    f->paths[f->count++] = path;
    return 1;
}

/* A link that leads nowhere is kept: reading it will say so. Pipes, sockets and devices are not. */
static gan_status visit(gan__folder *f, const char *dir, const char *name, const level *here,
                        gan_error *err) {
    struct stat st;
    char *path = joined(f, dir, name);
    if (!path) return gan__fail_memory(err);
    int lost = stat(path, &st) != 0;
    if (!lost && S_ISDIR(st.st_mode)) return walk(f, path, here, err);
    if (!lost && !S_ISREG(st.st_mode)) return GAN_OK;
    return add(f, path) ? GAN_OK : gan__fail_memory(err);
}

static int is_circle(const level *here) {
    for (const level *l = here->above; l; l = l->above)
        if (l->device == here->device && l->inode == here->inode) return 1;
    return 0;
}

static gan_status walk(gan__folder *f, const char *dir, const level *above, gan_error *err) {
    struct stat st;
    DIR *d = opendir(dir);
    if (!d || fstat(dirfd(d), &st)) {
        int code = errno;
        if (d) closedir(d);
        return gan__fail(err, GAN_EIO, "cannot open the folder %s: %s", dir, strerror(code));
    }
    level here = {above, st.st_dev, st.st_ino, above ? above->depth + 1 : 0};
    gan_status s = GAN_OK;
    int circle = is_circle(&here);
    if (!circle && here.depth > MAX_DEPTH)
        s = gan__fail(err, GAN_EDATA, "the folder %s lies more than %d levels deep", dir,
                      MAX_DEPTH);
    for (struct dirent *e; !s && !circle && (e = readdir(d));)
        if (e->d_name[0] != '.') s = visit(f, dir, e->d_name, &here, err);
    closedir(d);
    return s;
}

static int by_bytes(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

gan_status gan__folder_search(gan__folder *f, const char *root, gan_error *err) {
    gan_status s = walk(f, root, NULL, err);
    if (!s && f->count) qsort(f->paths, f->count, sizeof *f->paths, by_bytes);
    return s;
}

void gan__folder_free(gan__folder *f) {
    gan__free(f->paths);
    gan__arena_free(&f->arena);
    *f = (gan__folder){0};
}

int gan__folder_names_image(const char *path) {
    static const char *const names[] = {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib",  ".pnm",  ".pgm", ".ppm", ".pbm",
        ".gif", ".webp", ".tif", ".tiff", ".tga", ".psd", ".heic", ".avif", ".jp2", ".jxl"};
    size_t n = strlen(path);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t m = strlen(names[i]);
        if (n > m && !strcasecmp(path + n - m, names[i])) return 1;
    }
    return 0;
}
