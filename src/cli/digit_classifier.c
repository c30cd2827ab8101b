/* SPDX-License-Identifier: MIT */
#include "cli/digit_classifier.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/modes.h"

enum { BATCH = 100, EPOCHS = 5, MOVED = 1, STREAM_WEIGHTS = 1, STREAM_BATCH, STREAM_DROPOUT };
static const uint64_t seed = 0x6469676974; /* of weights, order and dropout */
static const double rate = 2e-3, enough = 0.99;

/* The library keeps a network in a file as a discriminator, whose scores nobody asks for here. */
struct digit_classifier {
    gan_discriminator *net;
    gan_tape *t;
    gan_optimizer *optimizer; /* while it is trained */
    gan_tensor **grads;
};

void digit_classifier_free(digit_classifier *c) {
    if (!c) return;
    gan_optimizer_free(c->optimizer);
    gan_discriminator_free(c->net);
    gan_tape_free(c->t);
    free(c->grads);
    free(c);
}

/* --- the network --- */

static void add_hidden(gan_module *net, gan_module *layer, int64_t channels) {
    gan_module_add(net, NULL, layer);
    gan_module_add(net, NULL, gan_batch_norm_layer(channels));
    gan_module_add(net, NULL, gan_activation(GAN_RELU, 0));
}

static gan_module *build(void) {
    enum { FIRST = 32, SECOND = 64, UNITS = 128 };
    gan_module *net = gan_sequential("main");
    add_hidden(net, gan_conv_layer(1, FIRST, 3, 2, 1, 0), FIRST);
    add_hidden(net, gan_conv_layer(FIRST, SECOND, 3, 2, 1, 0), SECOND);
    gan_module_add(net, NULL, gan_flatten(7, 7, SECOND));
    add_hidden(net, gan_linear(7 * 7 * SECOND, UNITS, 0), UNITS);
    gan_module_add(net, NULL, gan_dropout(0.5));
    gan_module_add(net, NULL, gan_linear(UNITS, DIGIT_CLASSES, 1));
    return net;
}

static gan_status create(int threads, digit_classifier **out, gan_error *err) {
    gan_network_config nc = GAN_NETWORK_DEFAULTS;
    digit_classifier *c = *out = calloc(1, sizeof *c);
    nc.height = nc.width = DIGIT_SIDE, nc.channels = 1;
    if (!c) return bench_no_memory(err);
    c->t = gan_tape_create(threads);
    if (!c->t) return bench_no_memory(err);
    return gan_discriminator_wrap(build(), &nc, &c->net, err);
}

static gan_tensor *forward(digit_classifier *c, gan_tensor *x, const gan_pass *pass) {
    return gan_module_forward(c->t, gan_discriminator_root(c->net), x, pass);
}

/* --- reading --- */

/* The digit with the highest logit, and its part of the softmax. */
static int best(const gan_real *logit, double *certainty) {
    int digit = 0;
    double sum = 0;
    for (int k = 1; k < DIGIT_CLASSES; k++)
        if (logit[k] > logit[digit]) digit = k;
    for (int k = 0; k < DIGIT_CLASSES; k++) sum += exp((double)(logit[k] - logit[digit]));
    *certainty = 1 / sum;
    return digit;
}

static gan_status read_batch(digit_classifier *c, const gan_real *x, size_t n, int *out,
                             double *certainty, gan_error *err) {
    const gan_pass eval = GAN_PASS_EVAL;
    gan_tape_reset(c->t);
    gan_tape_record(c->t, 0);
    gan_tensor *in = gan_input(c->t, 4, (int64_t[]){(int64_t)n, DIGIT_SIDE, DIGIT_SIDE, 1}, x);
    const gan_tensor *y = forward(c, in, &eval);
    for (size_t i = 0; i < n && y; i++) {
        double sure;
        out[i] = best(gan_tensor_data(y) + i * DIGIT_CLASSES, &sure);
        if (certainty) certainty[i] = sure;
    }
    if (gan_tape_status(c->t)) *err = *gan_tape_error(c->t);
    return gan_tape_status(c->t);
}

gan_status digit_classifier_read(digit_classifier *c, const gan_real *x, size_t n, int *out,
                                 double *certainty, gan_error *err) {
    gan_status s = GAN_OK;
    for (size_t i = 0; i < n && !s; i += BATCH)
        s = read_batch(c, x + i * DIGIT_PIXELS, n - i < BATCH ? n - i : BATCH, out + i,
                       certainty ? certainty + i : NULL, err);
    return s;
}

/* --- training --- */

/* A digit moved by so many pixels; what comes in from outside is black. */
static void take(const uint8_t *digit, int down, int right, gan_real *out) {
    for (int y = 0; y < DIGIT_SIDE; y++)
        for (int x = 0; x < DIGIT_SIDE; x++) {
            int fy = y - down, fx = x - right;
            int inside = fy >= 0 && fy < DIGIT_SIDE && fx >= 0 && fx < DIGIT_SIDE;
            int value = inside ? digit[fy * DIGIT_SIDE + fx] : 0;
            out[y * DIGIT_SIDE + x] = (gan_real)(value / 127.5 - 1);
        }
}

static gan_tensor *draw_batch(digit_classifier *c, const digits *d, int64_t step, int *labels) {
    gan_rng r = gan_rng_make(seed, STREAM_BATCH, (uint64_t)step);
    gan_tensor *x = gan_input(c->t, 4, (int64_t[]){BATCH, DIGIT_SIDE, DIGIT_SIDE, 1}, NULL);
    gan_real *to = x ? gan_tensor_edit(x) : NULL;
    for (int i = 0; i < BATCH && to; i++) {
        size_t from = gan_rng_below(&r, (uint32_t)d->count);
        int down = (int)gan_rng_below(&r, 2 * MOVED + 1) - MOVED;
        int right = (int)gan_rng_below(&r, 2 * MOVED + 1) - MOVED;
        take(d->pixels + from * DIGIT_PIXELS, down, right, to + i * DIGIT_PIXELS);
        labels[i] = d->labels[from];
    }
    return x;
}

/* The rate falls in a line to 0. */
static gan_status step(digit_classifier *c, const digits *d, int64_t at, int64_t steps,
                       gan_error *err) {
    int labels[BATCH];
    gan_rng dropout = gan_rng_make(seed, STREAM_DROPOUT, (uint64_t)at);
    const gan_pass pass = {.training = 1, .update = 1, .rng = &dropout};
    gan_tape_reset(c->t);
    gan_tape_record(c->t, 1);
    gan_tensor *y = forward(c, draw_batch(c, d, at, labels), &pass);
    gan_tensor *loss = gan_cross_entropy(c->t, y, labels);
    if (gan_grad(c->t, loss, NULL, gan_optimizer_count(c->optimizer),
                 gan_optimizer_tensors(c->optimizer), c->grads, 0)) {
        *err = *gan_tape_error(c->t);
        return err->code;
    }
    double lr = rate * (double)(steps - at) / (double)steps;
    return gan_optimizer_step(c->optimizer, c->grads, lr, gan_tape_threads(c->t), NULL, err);
}

static gan_status train(digit_classifier *c, const digits *d, gan_error *err) {
    gan_optimizer_config oc = GAN_OPTIMIZER_DEFAULTS;
    gan_parameters *p = gan_discriminator_parameters(c->net);
    int64_t steps = EPOCHS * (int64_t)(d->count / BATCH);
    oc.beta1 = 0.9;
    gan_parameters_initialise(p, GAN_INIT_HE, seed, STREAM_WEIGHTS);
    gan_status s = gan_optimizer_create(&oc, p, &c->optimizer, err);
    if (s) return s;
    c->grads = calloc((size_t)gan_optimizer_count(c->optimizer), sizeof *c->grads);
    if (!c->grads) return bench_no_memory(err);
    for (int64_t i = 0; i < steps && !s; i++) s = step(c, d, i, steps, err);
    return s;
}

static gan_status test(digit_classifier *c, const char *folder, gan_error *err) {
    digits d;
    gan_status s = digits_read(folder, 1, &d, err);
    size_t right = 0;
    gan_real x[DIGIT_PIXELS];
    for (size_t i = 0; i < d.count && !s; i++) {
        int is = -1;
        gan_image_to_real(d.pixels + i * DIGIT_PIXELS, DIGIT_PIXELS, x);
        s = digit_classifier_read(c, x, 1, &is, NULL, err);
        right += is == d.labels[i];
    }
    if (!s && (double)right < enough * (double)d.count)
        s = cli_error(err, GAN_EDATA,
                      "the digit classifier reads %zu of %zu digits of the test set right, fewer "
                      "than 99 %%: is that MNIST in %.200s?",
                      right, d.count, folder);
    if (!s)
        fprintf(stderr, "gan: the digit classifier reads %.2f %% of the test set right\n",
                100 * (double)right / (double)d.count);
    digits_free(&d);
    return s;
}

gan_status digit_classifier_open(const char *path, const char *folder, const digits *d, int threads,
                                 digit_classifier **out, gan_error *err) {
    gan_status s = create(threads, out, err);
    if (!s && !access(path, R_OK))
        return gan_parameters_load(gan_discriminator_parameters((*out)->net), path, err);
    if (!s) s = train(*out, d, err);
    if (!s) s = test(*out, folder, err);
    return s ? s : gan_discriminator_save((*out)->net, path, err);
}
