/* SPDX-License-Identifier: MIT
 *
 * The library keeps a network in a file as a discriminator, whose scores nobody asks for here. */
#include "gan/classifier.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "gan/checkpoint.h"
#include "gan/discriminator.h"
#include "gan/image.h"
#include "gan/layer.h"
#include "gan/optim.h"
#include "gan/rng.h"
#include "gan/softmax.h"
#include "gan/tape.h"
#include "tensor/internal.h"

enum { STREAM_WEIGHTS = 1, STREAM_BATCH, STREAM_DROPOUT };

struct gan_classifier {
    gan_classifier_config o;
    size_t values; /* of an image */
    gan_discriminator *net;
    gan_tape *t;
    gan_optimizer *optimizer;
    gan_tensor **grads;
    int *labels;    /* of a batch */
    gan_real *room; /* its images, when they are read from bytes */
};

void gan_classifier_free(gan_classifier *c) {
    if (!c) return;
    gan_optimizer_free(c->optimizer);
    gan_discriminator_free(c->net);
    gan_tape_free(c->t);
    gan__free(c->grads), gan__free(c->labels), gan__free(c->room);
    gan__free(c);
}

/* --- the network --- */

static void add_hidden(gan_module *net, gan_module *layer, int64_t channels) {
    gan_module_add(net, NULL, layer);
    gan_module_add(net, NULL, gan_batch_norm_layer(channels));
    gan_module_add(net, NULL, gan_activation(GAN_RELU, 0));
}

static int64_t half(int64_t side) {
    return (side + 1) / 2;
}

static gan_module *build(const gan_classifier_config *o) {
    const int64_t first = o->first, second = 2 * first, units = 4 * first;
    const int64_t h = half(half(o->height)), w = half(half(o->width));
    gan_module *net = gan_sequential("main");
    add_hidden(net, gan_conv_layer(o->channels, first, 3, 2, 1, 0), first);
    add_hidden(net, gan_conv_layer(first, second, 3, 2, 1, 0), second);
    gan_module_add(net, NULL, gan_flatten(h, w, second));
    add_hidden(net, gan_linear(h * w * second, units, 0), units);
    gan_module_add(net, NULL, gan_dropout(0.5));
    gan_module_add(net, NULL, gan_linear(units, o->classes, 1));
    return net;
}

static gan_status check(const gan_classifier_config *o, gan_error *err) {
    const struct {
        const char *name;
        int64_t value, low, high;
    } rows[] = {{"height", o->height, 1, 4096},       {"width", o->width, 1, 4096},
                {"channels", o->channels, 1, 3},      {"classes", o->classes, 2, 100000},
                {"first", o->first, 1, 4096},         {"batch", o->batch, 2, 100000},
                {"shift", o->shift, 0, o->height - 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].value < rows[i].low || rows[i].value > rows[i].high)
            return gan__fail(err, GAN_EINVAL, "classifier: %s is %lld, not from %lld to %lld",
                             rows[i].name, (long long)rows[i].value, (long long)rows[i].low,
                             (long long)rows[i].high);
    if (!(o->rate > 0 && o->rate < HUGE_VAL))
        return gan__fail(err, GAN_EINVAL, "classifier: rate is %g, not above 0", o->rate);
    return GAN_OK;
}

static gan_status make_network(gan_classifier *c, gan_error *err) {
    gan_network_config nc = GAN_NETWORK_DEFAULTS;
    nc.height = c->o.height, nc.width = c->o.width, nc.channels = c->o.channels;
    gan_status s = gan_discriminator_wrap(build(&c->o), &nc, &c->net, err);
    if (!s)
        gan_parameters_initialise(gan_discriminator_parameters(c->net), GAN_INIT_HE, c->o.seed,
                                  STREAM_WEIGHTS);
    return s;
}

gan_status gan_classifier_create(const gan_classifier_config *config, gan_classifier **out,
                                 gan_error *err) {
    *out = NULL;
    gan_status s = check(config, err);
    if (s) return s;
    gan_classifier *c = gan__zalloc(1, sizeof *c);
    if (!c) return gan__fail_memory(err);
    c->o = *config;
    c->values = (size_t)(config->height * config->width * config->channels);
    c->t = gan_tape_create(config->threads);
    c->labels = gan__alloc((size_t)config->batch, sizeof *c->labels);
    c->room = gan__alloc((size_t)config->batch * c->values, sizeof *c->room);
    s = c->t && c->labels && c->room ? make_network(c, err) : gan__fail_memory(err);
    if (s)
        gan_classifier_free(c);
    else
        *out = c;
    return s;
}

/* n images; NULL data: a place to write them to. */
static gan_tensor *input(gan_classifier *c, int64_t n, const gan_real *x) {
    return gan_input(c->t, 4, (int64_t[]){n, c->o.height, c->o.width, c->o.channels}, x);
}

static gan_tensor *forward(gan_classifier *c, gan_tensor *x, const gan_pass *pass) {
    return gan_module_forward(c->t, gan_discriminator_root(c->net), x, pass);
}

/* --- reading --- */

/* The class with the highest logit, and its part of the softmax. */
static int best(const gan_real *logit, int classes, double *certainty) {
    int class = 0;
    double sum = 0;
    for (int k = 1; k < classes; k++)
        if (logit[k] > logit[class]) class = k;
    for (int k = 0; k < classes; k++) sum += exp((double)(logit[k] - logit[class]));
    *certainty = 1 / sum;
    return class;
}

static gan_status read_batch(gan_classifier *c, const gan_real *x, size_t n, int *out,
                             double *certainty, gan_error *err) {
    const gan_pass eval = GAN_PASS_EVAL;
    gan_tape_reset(c->t);
    gan_tape_record(c->t, 0);
    const gan_tensor *y = forward(c, input(c, (int64_t)n, x), &eval);
    for (size_t i = 0; i < n && y; i++) {
        double sure;
        out[i] = best(gan_tensor_data(y) + i * (size_t)c->o.classes, c->o.classes, &sure);
        if (certainty) certainty[i] = sure;
    }
    return gan__tape_failed(c->t, err);
}

gan_status gan_classifier_read(gan_classifier *c, const gan_real *x, size_t n, int *out,
                               double *certainty, gan_error *err) {
    const size_t batch = (size_t)c->o.batch;
    gan_status s = GAN_OK;
    for (size_t i = 0; i < n && !s; i += batch)
        s = read_batch(c, x + i * c->values, n - i < batch ? n - i : batch, out + i,
                       certainty ? certainty + i : NULL, err);
    return s;
}

gan_status gan_classifier_accuracy(gan_classifier *c, const gan_classifier_images *images,
                                   double *out, gan_error *err) {
    const size_t batch = (size_t)c->o.batch;
    gan_status s = GAN_OK;
    size_t right = 0;
    for (size_t i = 0; i < images->count && !s; i += batch) {
        size_t n = images->count - i < batch ? images->count - i : batch;
        gan_image_to_real(images->pixels + i * c->values, n * c->values, c->room);
        s = read_batch(c, c->room, n, c->labels, NULL, err);
        for (size_t k = 0; k < n; k++) right += c->labels[k] == images->labels[i + k];
    }
    *out = images->count ? (double)right / (double)images->count : 0;
    return s;
}

/* --- training --- */

static gan_status check_images(const gan_classifier *c, const gan_classifier_images *images,
                               gan_error *err) {
    if (!images->count)
        return gan__fail(err, GAN_EDATA, "classifier: there are no images to train on");
    for (size_t i = 0; i < images->count; i++)
        if (images->labels[i] < 0 || images->labels[i] >= c->o.classes)
            return gan__fail(err, GAN_EDATA,
                             "classifier: the label of image %zu is %d, not from 0 to %d", i,
                             images->labels[i], c->o.classes - 1);
    return GAN_OK;
}

/* An image moved by so many pixels. */
static void take(const gan_classifier *c, const uint8_t *image, int down, int right,
                 gan_real *out) {
    const int64_t height = c->o.height, width = c->o.width, channels = c->o.channels;
    for (int64_t y = 0; y < height; y++)
        for (int64_t x = 0; x < width; x++) {
            int64_t fy = y - down, fx = x - right;
            int inside = fy >= 0 && fy < height && fx >= 0 && fx < width;
            for (int64_t k = 0; k < channels; k++) {
                int value = inside ? image[(fy * width + fx) * channels + k] : 0;
                *out++ = (gan_real)(value / 127.5 - 1);
            }
        }
}

static gan_tensor *draw_batch(gan_classifier *c, const gan_classifier_images *from, int64_t step) {
    const int shift = c->o.shift;
    const uint32_t span = (uint32_t)(2 * shift + 1);
    gan_rng r = gan_rng_make(c->o.seed, STREAM_BATCH, (uint64_t)step);
    gan_tensor *x = input(c, c->o.batch, NULL);
    gan_real *to = x ? gan_tensor_edit(x) : NULL;
    for (int64_t i = 0; i < c->o.batch && to; i++, to += c->values) {
        size_t k = gan_rng_below(&r, (uint32_t)from->count);
        int down = (int)gan_rng_below(&r, span) - shift;
        int right = (int)gan_rng_below(&r, span) - shift;
        take(c, from->pixels + k * c->values, down, right, to);
        c->labels[i] = from->labels[k];
    }
    return x;
}

static gan_status step(gan_classifier *c, const gan_classifier_images *images, int64_t at,
                       int64_t steps, gan_error *err) {
    gan_rng dropout = gan_rng_make(c->o.seed, STREAM_DROPOUT, (uint64_t)at);
    const gan_pass pass = {.training = 1, .update = 1, .rng = &dropout};
    gan_tape_reset(c->t);
    gan_tape_record(c->t, 1);
    gan_tensor *y = forward(c, draw_batch(c, images, at), &pass);
    gan_tensor *loss = gan_cross_entropy(c->t, y, c->labels);
    if (gan_grad(c->t, loss, NULL, gan_optimizer_count(c->optimizer),
                 gan_optimizer_tensors(c->optimizer), c->grads, 0))
        return gan__tape_failed(c->t, err);
    double rate = c->o.rate * (double)(steps - at) / (double)steps;
    return gan_optimizer_step(c->optimizer, c->grads, rate, gan_tape_threads(c->t), NULL, err);
}

static gan_status start(gan_classifier *c, gan_error *err) {
    gan_optimizer_config oc = GAN_OPTIMIZER_DEFAULTS;
    oc.beta1 = 0.9;
    gan_optimizer_free(c->optimizer);
    c->optimizer = NULL;
    gan_status s =
        gan_optimizer_create(&oc, gan_discriminator_parameters(c->net), &c->optimizer, err);
    if (s || c->grads) return s;
    c->grads = gan__zalloc((size_t)gan_optimizer_count(c->optimizer), sizeof *c->grads);
    return c->grads ? GAN_OK : gan__fail_memory(err);
}

gan_status gan_classifier_train(gan_classifier *c, const gan_classifier_images *images,
                                int64_t steps, gan_error *err) {
    gan_status s = check_images(c, images, err);
    if (!s) s = start(c, err);
    for (int64_t i = 0; i < steps && !s; i++) s = step(c, images, i, steps, err);
    return s;
}

/* --- files --- */

gan_status gan_classifier_save(gan_classifier *c, const char *path, gan_error *err) {
    return gan_discriminator_save(c->net, path, err);
}

gan_status gan_classifier_load(gan_classifier *c, const char *path, gan_error *err) {
    return gan_parameters_load(gan_discriminator_parameters(c->net), path, err);
}
