/* SPDX-License-Identifier: MIT
 *
 * gan upscale and gan translate: a generator of images over pictures in files. The one takes pictures
 * of any size, in tiles; the other brings them to the size that it was trained with. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"

static const cli_option upscale_options[] = {
    {"model", "FILE|DIR", NULL, "generator.safetensors, or the folder of a run", NULL},
    {"tile", "N", NULL, "pixels of the picture in a tile; 0: the picture at once", "128"},
    {"halo", "N", NULL, "pixels that a tile sees beyond its border", "48"},
    {"threads", "N", NULL, "0: one for each processor", "0"},
};

static const cli_option translate_options[] = {
    {"model", "FILE|DIR", NULL, "generator.safetensors, or the folder of a run", NULL},
    {"back", NULL, NULL, "of a run of --task cycle: from the second set to the first", NULL},
    {"threads", "N", NULL, "0: one for each processor", "0"},
};

static const cli_option *upscale_option_at(int i) {
    return i < (int)(sizeof upscale_options / sizeof *upscale_options) ? &upscale_options[i] : NULL;
}

static const cli_option *translate_option_at(int i) {
    return i < (int)(sizeof translate_options / sizeof *translate_options) ? &translate_options[i]
                                                                           : NULL;
}

typedef struct job {
    gan_generator *g;
    const gan_network_config *c;
    gan_image in;
    gan_real *source, *result;
    uint8_t *bytes;
    int back;
} job;

static void free_job(job *j) {
    gan_generator_free(j->g);
    gan_image_free(&j->in);
    free(j->source);
    free(j->result);
    free(j->bytes);
}

/* The model and the picture, at its own size, or at the model's. */
static gan_status open_job(job *j, const char *model, const char *path, int own, gan_error *err) {
    gan_image_options o = GAN_IMAGE_OPTIONS_DEFAULTS;
    gan_status s = gan_generator_load(model, &j->g, err);
    if (s) return s;
    j->c = gan_generator_config(j->g);
    if (!j->c->source_channels)
        return cli_error(err, GAN_EINVAL,
                         "the model makes images of latent vectors, not of images: see gan sample");
    if (j->back && !j->c->twin)
        return cli_error(err, GAN_EINVAL, "--back: the model knows the way there alone");
    o.channels = (int)j->c->source_channels;
    if (!own) o.height = (int)j->c->source_height, o.width = (int)j->c->source_width;
    return gan_image_read(path, &o, &j->in, err);
}

static gan_status apply(job *j, int64_t tile, int64_t halo, const char *out, int threads,
                        gan_error *err) {
    int64_t h = j->in.height, w = j->in.width;
    int64_t oh = h * (j->c->height / j->c->source_height),
            ow = w * (j->c->width / j->c->source_width);
    size_t small = (size_t)(h * w * j->c->source_channels),
           large = (size_t)(oh * ow * j->c->channels);
    j->source = malloc(small * sizeof *j->source);
    j->result = malloc(large * sizeof *j->result);
    j->bytes = malloc(large);
    if (!j->source || !j->result || !j->bytes)
        return cli_error(err, GAN_ENOMEM, "out of memory for a picture of that size");
    gan_image_to_real(j->in.pixels, small, j->source);
    gan_status s = gan_apply(j->g, j->source, h, w, tile, halo, j->back, j->result, threads, err);
    if (s) return s;
    gan_image_from_real(j->result, large, j->bytes);
    return gan_image_write_png(out, (int)oh, (int)ow, (int)j->c->channels, j->bytes, err);
}

static int run(const cli_line *line, const char *name, int own) {
    long long tile = 128, halo = 48, threads = 0;
    gan_error err = {0};
    job j = {.back = !own && cli_flag(line, "back")};
    if (line->rest_count != 2)
        return cli_fail(EXIT_USAGE, "two pictures are wanted: gan %s --model FILE|DIR IN OUT.png",
                        name);
    if (!cli_value(line, "model", NULL))
        return cli_fail(EXIT_USAGE, "--model FILE|DIR is wanted: a trained generator");
    if (!cli_integer(line, "threads", 0, 1024, &threads) ||
        (own && (!cli_integer(line, "tile", 0, 65535, &tile) ||
                 !cli_integer(line, "halo", 0, 65535, &halo))))
        return EXIT_USAGE;
    gan_status s = open_job(&j, cli_value(line, "model", NULL), line->rest[0], own, &err);
    if (!s) s = apply(&j, own ? tile : 0, halo, line->rest[1], (int)threads, &err);
    free_job(&j);
    return s ? cli_fail(EXIT_FAILED, "%s", err.text) : EXIT_DONE;
}

static int run_upscale(const cli_line *line) {
    return run(line, "upscale", 1);
}

static int run_translate(const cli_line *line) {
    return run(line, "translate", 0);
}

const cli_command cli_upscale = {
    .name = "upscale",
    .summary = "makes a picture larger with a trained generator",
    .usage = "upscale --model FILE|DIR IN OUT.png",
    .option_at = upscale_option_at,
    .run = run_upscale,
};

const cli_command cli_translate = {
    .name = "translate",
    .summary = "makes another picture of one with a trained generator",
    .usage = "translate --model FILE|DIR IN OUT.png",
    .option_at = translate_option_at,
    .run = run_translate,
};
