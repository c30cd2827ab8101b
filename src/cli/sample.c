/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <errno.h>

#include "cli/cli.h"

static const cli_option options[] = {
    {"model", "FILE|DIR", NULL, "generator.safetensors, or the folder of a run", NULL},
    {"out", "FILE.png|DIR", NULL,
     "one picture with all images, or a folder for one file each, of classes one for each", NULL},
    {"count", "N", NULL, "how many images", "64"},
    {"seed", "N", NULL, "an image depends on its seed and number alone", "1"},
    {"z", "FILE", NULL,
     "latent vectors: tensor z [N,nz] of a safetensors file, in place of --count, --seed", NULL},
    {"label", "K", NULL,
     "all of class K; else of a generator with N classes 0, 1, ..., N-1 in turn", NULL},
    {"raw", "FILE", NULL, "also write tensor images [N,C,H,W] in [-1,1] to a safetensors file",
     NULL},
    {"threads", "N", NULL, "0: one for each processor", "0"},
};

static const cli_option *option_at(int i) {
    return i < (int)(sizeof options / sizeof *options) ? &options[i] : NULL;
}

typedef struct job {
    gan_generator *g;
    const gan_network_config *c;
    size_t count;
    gan_real *z, *images;
    int *labels; /* NULL: in turn */
} job;

static gan_status no_memory(gan_error *err) {
    return cli_error(err, GAN_ENOMEM, "out of memory; a smaller --count needs less");
}

/* --- latent vectors --- */

static gan_status check_z(const gan_safetensors_entry *e, const char *path, int64_t nz,
                          gan_error *err) {
    if (e && e->rank == 2 && e->dim[1] == nz && e->dim[0] > 0) return GAN_OK;
    if (!e) return cli_error(err, GAN_ESHAPE, "%s has no tensor 'z'", path);
    return cli_error(err, GAN_ESHAPE, "tensor 'z' of %s must be [N,%lld], N above 0", path,
                     (long long)nz);
}

static gan_status read_z(job *j, const char *path, gan_error *err) {
    gan_safetensors *f;
    gan_status s = gan_safetensors_open(path, &f, err);
    if (s) return s;
    const gan_safetensors_entry *e = gan_safetensors_find(f, "z");
    s = check_z(e, path, j->c->nz, err);
    if (!s) {
        j->count = (size_t)e->dim[0];
        j->z = malloc(j->count * (size_t)j->c->nz * sizeof *j->z);
        s = j->z ? gan_safetensors_read_real(e, j->z, j->count * (size_t)j->c->nz, err)
                 : no_memory(err);
    }
    gan_safetensors_close(f);
    return s;
}

static gan_status draw_z(job *j, uint64_t seed, gan_error *err) {
    j->z = malloc(j->count * (size_t)j->c->nz * sizeof *j->z);
    if (!j->z) return no_memory(err);
    gan_sample_noise(j->g, seed, 0, j->count, j->z);
    return GAN_OK;
}

/* --- labels --- */

static gan_status one_label(job *j, long long label, gan_error *err) {
    if (label < 0) return GAN_OK;
    if (!j->c->classes)
        return cli_error(err, GAN_EINVAL, "--label %lld: the generator was trained without labels",
                         label);
    if (label >= j->c->classes)
        return cli_error(err, GAN_EINVAL, "--label is %lld; the generator has classes 0 to %lld",
                         label, (long long)j->c->classes - 1);
    j->labels = malloc(j->count * sizeof *j->labels);
    if (!j->labels) return no_memory(err);
    for (size_t i = 0; i < j->count; i++) j->labels[i] = (int)label;
    return GAN_OK;
}

/* --- results --- */

static size_t image_size(const job *j) {
    return (size_t)(j->c->height * j->c->width * j->c->channels);
}

static gan_status make_folder(const char *dir, gan_error *err) {
    if (!mkdir(dir, 0777) || errno == EEXIST) return GAN_OK;
    return cli_error(err, GAN_EIO, "cannot make the folder %.300s: %s", dir, strerror(errno));
}

/* Where image i goes: of a generator with classes into a folder of its class, as --class-folders
 * reads them. */
static gan_status place(const job *j, const char *dir, size_t i, char *path, size_t size,
                        gan_error *err) {
    int label = j->labels ? j->labels[i] : j->c->classes ? (int)(i % (size_t)j->c->classes) : 0;
    if (!j->c->classes) {
        snprintf(path, size, "%s/%06zu.png", dir, i);
        return GAN_OK;
    }
    snprintf(path, size, "%s/%05d", dir, label);
    gan_status s = make_folder(path, err);
    snprintf(path, size, "%s/%05d/%06zu.png", dir, label, i);
    return s;
}

static gan_status write_folder(const job *j, const char *dir, gan_error *err) {
    char path[4096];
    uint8_t *bytes = malloc(image_size(j));
    gan_status s = bytes ? make_folder(dir, err) : no_memory(err);
    for (size_t i = 0; i < j->count && !s; i++) {
        s = place(j, dir, i, path, sizeof path, err);
        if (s) break;
        gan_image_from_real(j->images + i * image_size(j), image_size(j), bytes);
        s = gan_image_write_png(path, (int)j->c->height, (int)j->c->width, (int)j->c->channels,
                                bytes, err);
    }
    free(bytes);
    return s;
}

static gan_status write_raw(const job *j, const char *path, gan_error *err) {
    size_t pixels = (size_t)(j->c->height * j->c->width), channels = (size_t)j->c->channels;
    gan_real *planes = malloc(j->count * image_size(j) * sizeof *planes);
    if (!planes) return no_memory(err);
    for (size_t i = 0; i < j->count; i++)
        for (size_t p = 0; p < pixels; p++)
            for (size_t c = 0; c < channels; c++)
                planes[(i * channels + c) * pixels + p] =
                    j->images[(i * pixels + p) * channels + c];
    gan_safetensors_writer *w = gan_safetensors_writer_create();
    const int64_t dim[4] = {(int64_t)j->count, j->c->channels, j->c->height, j->c->width};
    gan_safetensors_writer_add(w, "images", GAN_DTYPE_REAL, 4, dim, planes);
    gan_status s = gan_safetensors_writer_write(w, path, err);
    gan_safetensors_writer_free(w);
    free(planes);
    return s;
}

static int ends_in_png(const char *path) {
    size_t n = strlen(path);
    return n > 4 && !strcmp(path + n - 4, ".png");
}

static gan_status write_out(const job *j, const char *out, gan_error *err) {
    int columns = (int)ceil(sqrt((double)j->count));
    if (!ends_in_png(out)) return write_folder(j, out, err);
    return gan_image_write_grid(out, (int)j->count, (int)j->c->height, (int)j->c->width,
                                (int)j->c->channels, j->images, columns, err);
}

/* --- the command --- */

static gan_status sample(job *j, const cli_line *line, uint64_t seed, long long label, int threads,
                         gan_error *err) {
    const char *z = cli_value(line, "z", NULL), *out = cli_value(line, "out", NULL);
    const char *raw = cli_value(line, "raw", NULL);
    gan_status s = gan_generator_load(cli_value(line, "model", NULL), &j->g, err);
    if (s) return s;
    j->c = gan_generator_config(j->g);
    s = z ? read_z(j, z, err) : draw_z(j, seed, err);
    if (!s) s = one_label(j, label, err);
    if (s) return s;
    j->images = malloc(j->count * image_size(j) * sizeof *j->images);
    s = j->images ? gan_sample(j->g, j->z, j->labels, j->count, j->images, threads, err)
                  : no_memory(err);
    if (!s && out) s = write_out(j, out, err);
    if (!s && raw) s = write_raw(j, raw, err);
    return s;
}

static int run(const cli_line *line) {
    long long count = 64, seed = 1, threads = 0, label = -1;
    gan_error err = {0};
    if (line->rest_count)
        return cli_fail(EXIT_USAGE, "'%s' is not an option; see gan sample --help", line->rest[0]);
    if (!cli_value(line, "model", NULL))
        return cli_fail(EXIT_USAGE, "--model FILE|DIR is wanted: a trained generator");
    if (!cli_value(line, "out", NULL) && !cli_value(line, "raw", NULL))
        return cli_fail(EXIT_USAGE,
                        "--out FILE.png|DIR (or --raw FILE) is wanted: where the images go");
    if (!cli_integer(line, "count", 1, 1000000, &count) ||
        !cli_integer(line, "threads", 0, 1024, &threads) ||
        !cli_integer(line, "label", 0, 65535, &label) ||
        !cli_integer(line, "seed", 0, 9007199254740991LL, &seed))
        return EXIT_USAGE;
    job j = {.count = (size_t)count};
    gan_status s = sample(&j, line, (uint64_t)seed, label, (int)threads, &err);
    free(j.labels);
    free(j.z);
    free(j.images);
    gan_generator_free(j.g);
    return s ? cli_fail(EXIT_FAILED, "%s", err.text) : EXIT_DONE;
}

const cli_command cli_sample = {
    .name = "sample",
    .summary = "makes images with a trained generator",
    .usage = "sample --model FILE|DIR --out FILE.png|DIR [options]",
    .option_at = option_at,
    .run = run,
};
