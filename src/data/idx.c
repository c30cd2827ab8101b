/* SPDX-License-Identifier: MIT */
#include "data/idx.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "data/deflate.h"
#include "data/format.h"

#define MAX_FILE ((size_t)64 << 30)
#define MAX_SIDE 65535
#define UNSIGNED_BYTES 8 /* the type of the elements */

/* --- one file: {0, 0, type, dimensions}, each dimension as 32 bits, the elements --- */

typedef struct array {
    int rank;
    uint32_t dim[4];
    size_t count; /* of elements */
    uint8_t *data;
} array;

static int is_gzip(gan__bytes f) {
    return f.size > 1 && f.data[0] == 0x1f && f.data[1] == 0x8b;
}

static int is_idx(gan__bytes f) {
    return f.size > 3 && !f.data[0] && !f.data[1] && f.data[2] == UNSIGNED_BYTES &&
           f.data[3] >= 1 && f.data[3] <= 4;
}

static gan_status parse_head(const char *path, gan__bytes head, array *a, gan_error *err) {
    if (!is_idx(head))
        return gan__fail(err, GAN_EFORMAT, "%s is not an IDX file of unsigned bytes", path);
    a->rank = head.data[3];
    if (head.size < 4 + 4 * (size_t)a->rank)
        return gan__fail(err, GAN_EFORMAT, "%s is truncated", path);
    uint64_t n = 1;
    for (int i = 0; i < a->rank; i++) {
        a->dim[i] = gan__be32(head.data + 4 + 4 * i);
        if (!a->dim[i] || n > MAX_FILE / a->dim[i])
            return gan__fail(err, GAN_EFORMAT,
                             "%s announces an impossible size (dimension %d is %u)", path, i,
                             a->dim[i]);
        n *= a->dim[i];
    }
    a->count = (size_t)n;
    return GAN_OK;
}

/* Unpacks head and elements; the head is checked against the packed size before memory is taken. */
static gan_status unpack(const char *path, gan__bytes f, array *a, gan_error *err) {
    uint8_t head[20];
    size_t got;
    if (gan__gunzip_head(f.data, f.size, head, sizeof head, &got)) return gan__fail_memory(err);
    gan_status s = parse_head(path, (gan__bytes){head, got}, a, err);
    if (s) return s;
    size_t skip = 4 + 4 * (size_t)a->rank;
    if ((a->count + skip) / GAN__DEFLATE_MAX_RATIO > f.size)
        return gan__fail(err, GAN_EFORMAT,
                         "%s announces %zu bytes, which %zu packed ones cannot hold", path,
                         a->count, f.size);
    a->data = gan__alloc(skip + a->count, 1);
    if (!a->data) return gan__fail_memory(err);
    const char *wrong;
    s = gan__gunzip(f.data, f.size, a->data, skip + a->count, &wrong);
    if (s == GAN_ENOMEM) return gan__fail_memory(err);
    if (s) return gan__fail(err, s, "%s: %s", path, wrong);
    memmove(a->data, a->data + skip, a->count);
    return GAN_OK;
}

/* Takes the bytes over: *f is cleared. */
static gan_status take_plain(const char *path, gan__bytes f, unsigned char **bytes, array *a,
                             gan_error *err) {
    gan_status s = parse_head(path, f, a, err);
    if (s) return s;
    size_t skip = 4 + 4 * (size_t)a->rank;
    if (f.size - skip != a->count)
        return gan__fail(err, GAN_EFORMAT, "%s announces %zu bytes and holds %zu", path, a->count,
                         f.size - skip);
    a->data = *bytes;
    *bytes = NULL;
    memmove(a->data, a->data + skip, a->count);
    return GAN_OK;
}

static gan_status read_array(const char *path, array *a, gan_error *err) {
    unsigned char *bytes = NULL;
    size_t size = 0;
    *a = (array){0};
    gan_status s = gan__file_read(path, MAX_FILE, &bytes, &size, err);
    if (s) return s;
    gan__bytes f = {bytes, size};
    s = is_gzip(f) ? unpack(path, f, a, err) : take_plain(path, f, &bytes, a, err);
    gan__free(bytes);
    if (s) {
        gan__free(a->data);
        a->data = NULL;
    }
    return s;
}

/* --- names --- */

static int is_file(const char *path) {
    struct stat st;
    return !stat(path, &st) && S_ISREG(st.st_mode);
}

int gan__idx_detect(const char *path) {
    uint8_t first[4];
    FILE *f = is_file(path) ? fopen(path, "rb") : NULL;
    if (!f) return 0;
    gan__bytes head = {first, fread(first, 1, sizeof first, f)};
    fclose(f);
    return is_idx(head) || is_gzip(head);
}

gan_status gan__idx_find(const char *folder, char **path, gan_error *err) {
    static const char *const names[] = {"train-images-idx3-ubyte", "train-images-idx3-ubyte.gz",
                                        "train-images.idx3-ubyte", "train-images.idx3-ubyte.gz",
                                        "t10k-images-idx3-ubyte",  "t10k-images-idx3-ubyte.gz",
                                        "t10k-images.idx3-ubyte",  "t10k-images.idx3-ubyte.gz"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        *path = gan__path_join(folder, names[i]);
        if (!*path) return gan__fail_memory(err);
        if (is_file(*path)) return GAN_OK;
        gan__free(*path);
    }
    *path = NULL;
    return GAN_OK;
}

/* The name of the labels: "images" -> "labels" and "idx3" -> "idx1" in the last part of the path,
 * with ".gz" as it is, added or taken away. NULL: no such file, or no memory (*failed). */
static char *labels_path(const char *path, int *failed) {
    size_t n = strlen(path);
    char *p = gan__alloc(n + 4, 1);
    *failed = !p;
    if (!p) return NULL;
    memcpy(p, path, n + 1);
    char *name = strrchr(p, '/');
    name = name ? name + 1 : p;
    char *images = strstr(name, "images"), *rank = strstr(name, "idx3");
    if (images) {
        memcpy(images, "labels", 6);
        if (rank) rank[3] = '1';
        if (is_file(p)) return p;
        if (n > 3 && !strcmp(p + n - 3, ".gz"))
            p[n - 3] = 0;
        else
            memcpy(p + n, ".gz", 4);
        if (is_file(p)) return p;
    }
    gan__free(p);
    return NULL;
}

/* --- images and labels --- */

static gan_status read_labels(const char *path, gan__idx *out, gan_error *err) {
    int failed;
    array a;
    char *name = labels_path(path, &failed);
    if (!name) return failed ? gan__fail_memory(err) : GAN_OK;
    gan_status s = read_array(name, &a, err);
    out->labels = s ? NULL : a.data;
    if (!s && (a.rank != 1 || a.count != out->count))
        s = gan__fail(err, GAN_EFORMAT,
                      "%s holds %zu labels in %d dimensions for the %zu images of %s", name,
                      a.count, a.rank, out->count, path);
    gan__free(name);
    return s;
}

gan_status gan__idx_read(const char *path, gan__idx *out, gan_error *err) {
    array a;
    *out = (gan__idx){0};
    gan_status s = read_array(path, &a, err);
    if (s) return s;
    out->pixels = a.data;
    if (a.rank < 3)
        return gan__fail(err, GAN_EFORMAT, "%s holds no images but %s", path,
                         a.rank == 1 ? "labels; name the file of images" : "a table");
    uint32_t channels = a.rank == 4 ? a.dim[3] : 1;
    if (a.dim[1] > MAX_SIDE || a.dim[2] > MAX_SIDE || (channels != 1 && channels != 3))
        return gan__fail(err, GAN_EFORMAT, "%s holds pictures of %u x %u pixels and %u channels",
                         path, a.dim[2], a.dim[1], channels);
    out->count = a.dim[0];
    out->height = (int)a.dim[1];
    out->width = (int)a.dim[2];
    out->channels = (int)channels;
    return read_labels(path, out, err);
}

void gan__idx_free(gan__idx *idx) {
    gan__free(idx->pixels);
    gan__free(idx->labels);
    *idx = (gan__idx){0};
}
