/* SPDX-License-Identifier: MIT
 *
 * Stacked MNIST: three digits drawn at random are the channels of a picture, so there are 1,000
 * modes. The protocol is that of Unrolled GANs, arXiv:1611.02163, appendix; PacGAN and others
 * follow it. 25,600 samples are read by a digit classifier, channel by channel; each belongs to a
 * mode, however little it looks like digits: so the samples whose three digits are each read with a
 * probability of 0.9 are counted too. Even perfect samples leave a divergence of some
 * (1000 - 1) / (2 * 25600) = 0.02. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/digit_classifier.h"
#include "cli/modes.h"

enum { CHANNELS = 3, MODES = 1000, STREAM = 3, CHUNK = 256 };
static const uint64_t data_seed = 0x6d6f646573;

typedef struct stack {
    digits train;
    gan_classifier *classifier;
    gan_real value[256]; /* of a byte */
} stack;

/* --- data --- */

static void close_stack(void *world) {
    stack *s = world;
    gan_classifier_free(s->classifier);
    digits_free(&s->train);
    free(s);
}

static gan_status open_stack(const modes_setup *m, void **world, uint64_t *fingerprint,
                             gan_error *err) {
    char path[GAN_TEXT + 64];
    stack *w = *world = calloc(1, sizeof *w);
    if (!w) return bench_no_memory(err);
    snprintf(path, sizeof path, "%s/digit-classifier.safetensors", m->cache);
    for (int i = 0; i < 256; i++) w->value[i] = (gan_real)(i / 127.5 - 1);
    gan_status s = digits_read(m->data, 0, &w->train, err);
    *fingerprint = w->train.fingerprint;
    return s ? s
             : digit_classifier_open(path, m->data, &w->train, (int)m->config.threads,
                                     &w->classifier, err);
}

static gan_status fill(void *world, uint64_t i, gan_real *out, gan_error *err) {
    const stack *w = world;
    gan_rng r = gan_rng_make(data_seed, STREAM, i);
    const uint8_t *digit[CHANNELS];
    (void)err;
    for (int c = 0; c < CHANNELS; c++)
        digit[c] =
            w->train.pixels + gan_rng_below(&r, (uint32_t)w->train.count) * (size_t)DIGIT_PIXELS;
    for (int p = 0; p < DIGIT_PIXELS; p++)
        for (int c = 0; c < CHANNELS; c++) *out++ = w->value[digit[c][p]];
    return GAN_OK;
}

/* --- measures --- */

#define SURE 0.9 /* probability of a digit that is read with certainty */

/* What the samples of a chunk are. */
typedef struct reading {
    int mode[CHUNK];
    int sure[CHUNK]; /* of all three digits */
} reading;

/* Adds the digit of each picture's channel c to the number of its mode. room: [n, DIGIT_PIXELS] */
static gan_status read_channel(stack *w, const gan_real *x, size_t n, int c, gan_real *room,
                               reading *out, gan_error *err) {
    int digit[CHUNK];
    double certainty[CHUNK];
    for (size_t i = 0; i < n * DIGIT_PIXELS; i++) room[i] = x[i * CHANNELS + (size_t)c];
    gan_status s = gan_classifier_read(w->classifier, room, n, digit, certainty, err);
    for (size_t i = 0; i < n && !s; i++) {
        out->mode[i] = out->mode[i] * DIGIT_CLASSES + digit[i];
        out->sure[i] = (!c || out->sure[i]) && certainty[i] >= SURE;
    }
    return s;
}

static gan_status count_chunk(stack *w, const gan_real *x, size_t n, gan_real *room, int64_t *count,
                              size_t *sure, gan_error *err) {
    reading r = {{0}, {0}};
    gan_status s = GAN_OK;
    for (int c = 0; c < CHANNELS && !s; c++) s = read_channel(w, x, n, c, room, &r, err);
    for (size_t i = 0; i < n && !s; i++) count[r.mode[i]]++, *sure += (size_t)r.sure[i];
    return s;
}

static gan_status measure(void *world, const gan_real *x, size_t n, modes_figures *out,
                          gan_error *err) {
    int64_t count[MODES] = {0};
    size_t sure = 0;
    gan_real *room = malloc(CHUNK * DIGIT_PIXELS * sizeof *room);
    gan_status s = room ? GAN_OK : bench_no_memory(err);
    for (size_t i = 0; i < n && !s; i += CHUNK)
        s = count_chunk(world, x + i * DIGIT_PIXELS * CHANNELS, n - i < CHUNK ? n - i : CHUNK, room,
                        count, &sure, err);
    free(room);
    *out = (modes_figures){{modes_covered(count, MODES), modes_divergence(count, MODES),
                            100 * (double)sure / (double)n}};
    return s;
}

static gan_status draw(void *world, const gan_real *x, size_t n, const char *path, gan_error *err) {
    enum { COLUMNS = 16 };
    (void)world;
    int shown = n < COLUMNS * COLUMNS ? (int)n : COLUMNS * COLUMNS;
    return gan_image_write_grid(path, shown, DIGIT_SIDE, DIGIT_SIDE, CHANNELS, x, COLUMNS, err);
}

/* --- networks --- */

static void add_up(gan_module *net, const gan_network_config *c, int64_t in, int64_t out,
                   int output_pad) {
    gan_norm_kind norm = modes_norm(c, GAN_NORM_BATCH);
    int bias = norm == GAN_NORM_NONE;
    gan_module *up = gan_conv_transpose_layer(in, out, 3, 2, 1, output_pad, bias);
    gan_module_add(net, NULL, modes_constrained(c, up));
    modes_add_norm(net, norm, out);
    gan_module_add(net, NULL, gan_activation(GAN_RELU, 0));
}

static gan_module *generator(const gan_network_config *c) {
    gan_norm_kind norm = modes_norm(c, GAN_NORM_BATCH);
    gan_module *net = gan_sequential("main");
    gan_module *first = gan_linear(c->nz, 4 * 4 * 64, norm == GAN_NORM_NONE);
    gan_module_add(net, NULL, modes_constrained(c, first));
    gan_module_add(net, NULL, gan_unflatten(4, 4, 64));
    modes_add_norm(net, norm, 64);
    gan_module_add(net, NULL, gan_activation(GAN_RELU, 0));
    add_up(net, c, 64, 32, 0);
    add_up(net, c, 32, 16, 1);
    add_up(net, c, 16, 8, 1);
    gan_module_add(net, NULL, modes_constrained(c, gan_conv_layer(8, c->channels, 3, 1, 1, 1)));
    gan_module_add(net, NULL, gan_activation(GAN_TANH, 0));
    return net;
}

/* Its channels mirror the generator's, times the ratio. */
static gan_module *discriminator(const gan_network_config *c, double ratio) {
    enum { DEPTH = 3, SIDE = 4 };
    gan_module *net = gan_sequential("main");
    gan_norm_kind norm = c->norm != GAN_NORM_AUTO ? c->norm
                         : c->spectral            ? GAN_NORM_NONE
                                                  : GAN_NORM_BATCH;
    int64_t in = modes_inputs(c), out = (int64_t)(8 * ratio + 0.5);
    for (int i = 0; i < DEPTH; i++, in = out, out *= 2) {
        int normed = i && norm != GAN_NORM_NONE;
        gan_module_add(net, NULL, modes_constrained(c, gan_conv_layer(in, out, 3, 2, 1, !normed)));
        if (normed) modes_add_norm(net, norm, out);
        gan_module_add(net, NULL, gan_activation(GAN_LEAKY_RELU, 0.3));
        if (c->dropout > 0) gan_module_add(net, NULL, gan_dropout(c->dropout));
    }
    in += modes_add_stddev(net, c);
    gan_module_add(net, NULL, gan_flatten(SIDE, SIDE, in));
    gan_module_add(net, NULL, modes_constrained(c, gan_linear(SIDE * SIDE * in, 1, 1)));
    return net;
}

static const char *const defaults[] = {
    "size",  "28",  "nz",    "256",  "batch",   "128", "lr-g",    "1e-4", "lr-d", "2e-4",
    "beta1", "0.5", "beta2", "0.99", "holdout", "0",   "threads", "1",    NULL};

static const modes_networks networks[] = {
    {.name = "unrolled",
     .title = "G 64-32-16-8 channels, D its mirror times the ratio, 3x3",
     .defaults = defaults,
     .generator = generator,
     .discriminator = discriminator},
    {0}};

static const modes_metric metrics[] = {
    {"modes", "modes", "%.1f"}, {"kl", "KL", "%.3f"}, {"sure", "% sure", "%.1f"}, {0}};

const modes_problem modes_stacked = {
    .name = "stacked-mnist",
    .title = "three digits as the channels of a picture",
    .networks = networks,
    .height = DIGIT_SIDE,
    .width = DIGIT_SIDE,
    .channels = CHANNELS,
    .points = 1000000,
    .samples = 25600,
    .steps = 50000,
    .quick_steps = 50,
    .modes = MODES,
    .reads_data = 1,
    .metrics = metrics,
    .open = open_stack,
    .close = close_stack,
    .fill = fill,
    .measure = measure,
    .draw = draw,
};
