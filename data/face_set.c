/* SPDX-License-Identifier: MIT */
/* The folder: what may be in it before, the images in parallel, the labels last. */
#ifndef _POSIX_C_SOURCE
#    define _POSIX_C_SOURCE 200809L
#endif
#include "face_set.h"

#include "face.h"
#include "face_png.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef _OPENMP
#    include <omp.h>
#endif

static const char labels[] = "attributes.jsonl", labels_new[] = "attributes.jsonl.new";

enum { PATH = 4096 };

static int fail(char *message, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(message, FACE_SET_MESSAGE, format, args);
    va_end(args);
    return -1;
}

/* Lengths were checked by prepare(). */
static const char *join(char path[PATH], const char *dir, const char *name) {
    snprintf(path, PATH, "%s/%s", dir, name);
    return path;
}

static int is_image(const char *name) {
    static const char *const ends[] = {".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".pgm", ".pnm"};
    const char *end = strrchr(name, '.');
    for (size_t i = 0; end && i < sizeof ends / sizeof *ends; i++)
        if (strcasecmp(end, ends[i]) == 0) return 1;
    return 0;
}

/* One of the names that this program gives. */
static int is_ours(const char *name) {
    return strcmp(name, labels) == 0 || strcmp(name, labels_new) == 0 ||
           (strspn(name, "0123456789") == 6 && strcmp(name + 6, ".png") == 0);
}

/* A folder with images is refused, or with `force` rid of an earlier set; files with other names
 * are never touched. */
static int clear(const struct face_set *set, DIR *dir, char *message) {
    char path[PATH];
    for (struct dirent *e; (e = readdir(dir));) {
        if (!set->force && (is_image(e->d_name) || strcmp(e->d_name, labels) == 0))
            return fail(message,
                        "%s already holds images (%s); name another folder, or replace the "
                        "set in it with --force",
                        set->dir, e->d_name);
        if (set->force && is_ours(e->d_name) && unlink(join(path, set->dir, e->d_name)) != 0)
            return fail(message, "cannot remove %s: %s", path, strerror(errno));
    }
    return 0;
}

static int prepare(const struct face_set *set, char *message) {
    char path[PATH];
    if (strlen(set->dir) + sizeof labels_new + 1 > PATH)
        return fail(message, "the name of the folder is longer than %d bytes; name a shorter one",
                    PATH - (int)sizeof labels_new - 1);
    if (mkdir(set->dir, 0777) != 0 && errno != EEXIST)
        return fail(message, "cannot make the folder %s: %s; its parent must exist and be writable",
                    set->dir, strerror(errno));
    DIR *dir = opendir(set->dir);
    if (!dir) return fail(message, "cannot open the folder %s: %s", set->dir, strerror(errno));
    /* The labels go first: from here on the set is not complete. */
    if (set->force) unlink(join(path, set->dir, labels));
    int status = clear(set, dir, message);
    closedir(dir);
    return status;
}

/* Closes `f` and says whether all of it reached the file; a full disk may show only here. */
static int close_written(FILE *f, const char *path, char *message) {
    int bad = ferror(f), cause = errno;
    if (fclose(f) != 0 && !bad) {
        bad = 1;
        cause = errno;
    }
    if (!bad) return 0;
    unlink(path);
    return fail(message, "cannot write %s: %s; when there is room, run again with --force", path,
                strerror(cause));
}

static int write_image(const struct face_set *set, long i, unsigned char *rgb, char *message) {
    char name[32], path[PATH];
    struct face f;
    int length;
    face_sample(&f, set->seed, (uint64_t)i);
    face_render(&f, set->size, rgb);
    unsigned char *png = face_png_encode(rgb, set->size, &length);
    if (!png) return fail(message, "out of memory while encoding image %ld", i);
    snprintf(name, sizeof name, "%06ld.png", i);
    FILE *out = fopen(join(path, set->dir, name), "wb");
    int status = 0;
    if (!out) {
        status = fail(message, "cannot create %s: %s", path, strerror(errno));
    } else {
        fwrite(png, 1, (size_t)length, out);
        status = close_written(out, path, message);
    }
    free(png);
    return status;
}

/* One thread's share. Images are taken from a common counter; the first failure stops everyone,
 * and only its thread writes the message. */
static void work(const struct face_set *set, atomic_long *next, atomic_int *failed, char *message) {
    char mine[FACE_SET_MESSAGE];
    int status = 0;
    unsigned char *rgb = malloc((size_t)set->size * (size_t)set->size * 3);
    if (!rgb) status = fail(mine, "out of memory for an image of side %d", set->size);
    while (status == 0 && !atomic_load(failed)) {
        long i = atomic_fetch_add(next, 1);
        if (i >= set->count) break;
        status = write_image(set, i, rgb, mine);
    }
    free(rgb);
    if (status != 0 && atomic_exchange(failed, 1) == 0) memcpy(message, mine, sizeof mine);
}

static int write_images(const struct face_set *set, char *message) {
    atomic_long next = 0;
    atomic_int failed = 0;
    face_png_init();
#ifdef _OPENMP
    int threads = set->threads > 0 ? set->threads : omp_get_max_threads();
#    pragma omp parallel num_threads(threads)
#endif
    work(set, &next, &failed, message);
    return atomic_load(&failed) ? -1 : 0;
}

static int write_labels(const struct face_set *set, char *message) {
    char path[PATH], final[PATH];
    FILE *out = fopen(join(path, set->dir, labels_new), "w");
    if (!out) return fail(message, "cannot create %s: %s", path, strerror(errno));
    for (long i = 0; i < set->count && !ferror(out); i++) {
        struct face f;
        face_sample(&f, set->seed, (uint64_t)i);
        fprintf(out, "{\"file\": \"%06ld.png\", \"seed\": %llu, \"size\": %d, ", i,
                (unsigned long long)set->seed, set->size);
        face_write_json(&f, out);
        fputs("}\n", out);
    }
    if (close_written(out, path, message) != 0) return -1;
    if (rename(path, join(final, set->dir, labels)) != 0)
        return fail(message, "cannot rename %s to %s: %s", path, final, strerror(errno));
    return 0;
}

int face_set_write(const struct face_set *set, char message[FACE_SET_MESSAGE]) {
    if (prepare(set, message) != 0) return -1;
    if (write_images(set, message) != 0) return -1;
    return write_labels(set, message);
}
