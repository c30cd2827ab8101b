/* SPDX-License-Identifier: MIT
 *
 * The trainer's sample grids: always of the same latent vectors, or of the same pictures of the data
 * set, so that they can be compared. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "gan/image.h"
#include "gan/resample.h"
#include "gan/sampler.h"
#include "tensor/internal.h"
#include "train/task/task.h"

gan_status gan_trainer_sample(gan_trainer *tr, gan_real *images, gan_error *err) {
    size_t count = (size_t)tr->config.sample_count;
    if (tr->task->take)
        return gan__fail(err, GAN_EUNSUPPORTED,
                         "task %s makes images of images; there are no samples of noise",
                         tr->task->name);
    gan_real *z = gan__alloc(count * (size_t)gan_generator_config(tr->g)->nz, sizeof *z);
    if (!z) return gan__fail_memory(err);
    gan_sample_noise(tr->g, (uint64_t)tr->config.seed, 0, count, z);
    if (tr->ema) gan_ema_swap(tr->ema);
    gan_status s = gan_sample(tr->g, z, NULL, count, images, gan_tape_threads(tr->tape), err);
    if (tr->ema) gan_ema_swap(tr->ema);
    gan__free(z);
    return s;
}

/* A square; where there are few classes, a column for each. */
static int grid_columns(const gan_network_config *n, int count) {
    int side = (int)ceil(sqrt((double)count));
    return n->classes > 1 && n->classes <= 2 * side ? (int)n->classes : side;
}

static gan_status write_generated(gan_trainer *tr, const char *path, gan_error *err) {
    const gan_network_config *n = gan_generator_config(tr->g);
    int count = (int)tr->config.sample_count, columns = grid_columns(n, count);
    gan_real *images =
        gan__alloc((size_t)(count * n->height * n->width * n->channels), sizeof *images);
    if (!images) return gan__fail_memory(err);
    gan_status s = gan_trainer_sample(tr, images, err);
    if (!s)
        s = gan_image_write_grid(path, count, (int)n->height, (int)n->width, (int)n->channels,
                                 images, columns, err);
    gan__free(images);
    return s;
}

/* --- where G makes images of images: three pictures beside each other --- */

/* The third is the target; of twins what comes back. */
enum { SOURCE, IMAGE, THIRD, TRIPLE };

/* How many there can be of these: a loader's batch is no larger than what is trained on. */
static size_t most_pictures(const gan_dataset *data) {
    size_t held = gan_dataset_holdout_count(data), trained = gan_dataset_train_count(data);
    return held && held < trained ? held : trained;
}

/* n held-out pictures of the data set, or where none are held out, training ones. */
static gan_status pictures(gan_trainer *tr, size_t n, gan_real *out, gan_error *err) {
    gan_loader_options o = GAN_LOADER_OPTIONS_DEFAULTS;
    gan_loader *loader;
    o.batch = (int)n, o.prefetch = 0;
    o.seed = (uint64_t)tr->config.seed;
    gan_status s = gan_loader_create(tr->data, &o, &loader, err);
    if (s) return s;
    s = gan_dataset_holdout_count(tr->data) ? gan_loader_holdout(loader, 0, out, NULL, err)
                                            : gan_loader_next(loader, out, NULL, err);
    gan_loader_free(loader);
    return s;
}

/* The triples of the first `count` pictures of a batch. */
static gan_status triples(gan_trainer *tr, gan_tape *t, const gan_real *from, size_t count,
                          gan_real *to, gan_error *err) {
    const gan_network_config *n = gan_generator_config(tr->g);
    const gan_pass eval = GAN_PASS_EVAL, back = {.back = 1};
    size_t wide = (size_t)(gan_tensor_size(tr->batch) / tr->config.batch);
    size_t image = (size_t)(n->height * n->width * n->channels);
    int scale = (int)(n->height / n->source_height);
    memcpy(gan_tensor_edit(tr->batch), from, count * wide * sizeof *from);
    tr->task->take(tr);
    gan_tape_reset(t);
    gan_tape_record(t, 0);
    gan_tensor *y = gan_generator_forward(t, tr->g, tr->input, NULL, &eval);
    const gan_tensor *third = tr->real;
    if (tr->task->both_ways) third = gan_generator_forward(t, tr->g, y, NULL, &back);
    const gan_tensor *source = gan_upsample_nearest(t, tr->input, scale);
    if (gan__tape_failed(t, err)) return gan_tape_status(t);
    for (size_t i = 0; i < count; i++, to += TRIPLE * image) {
        memcpy(to + SOURCE * image, source->data + i * image, image * sizeof *to);
        memcpy(to + IMAGE * image, y->data + i * image, image * sizeof *to);
        memcpy(to + THIRD * image, third->data + i * image, image * sizeof *to);
    }
    return GAN_OK;
}

static gan_status make_triples(gan_trainer *tr, size_t count, const gan_real *from, gan_real *to,
                               gan_error *err) {
    size_t batch = (size_t)tr->config.batch;
    size_t wide = (size_t)gan_tensor_size(tr->batch) / batch;
    size_t image = (size_t)gan_tensor_size(tr->real) / batch;
    gan_tape *t = gan_tape_create(gan_tape_threads(tr->tape));
    gan_status s = t ? GAN_OK : gan__fail_memory(err);
    if (tr->ema) gan_ema_swap(tr->ema);
    for (size_t at = 0; at < count && !s; at += batch)
        s = triples(tr, t, from + at * wide, count - at < batch ? count - at : batch,
                    to + at * TRIPLE * image, err);
    if (tr->ema) gan_ema_swap(tr->ema);
    gan_tape_free(t);
    return s;
}

static gan_status write_triples(gan_trainer *tr, const char *path, gan_error *err) {
    const gan_network_config *n = gan_generator_config(tr->g);
    size_t count = (size_t)(tr->config.sample_count / TRIPLE), most = most_pictures(tr->data);
    size_t image = (size_t)(n->height * n->width * n->channels);
    count = count < 1 ? 1 : count > most ? most : count;
    int columns = TRIPLE * (int)fmax(1, floor(sqrt((double)count / TRIPLE) + 0.5));
    gan_real *from = gan__alloc(count * image * (size_t)tr->task->pictures, sizeof *from);
    gan_real *to = gan__alloc(count * image * TRIPLE, sizeof *to);
    gan_status s = from && to ? pictures(tr, count, from, err) : gan__fail_memory(err);
    if (!s) s = make_triples(tr, count, from, to, err);
    if (!s)
        s = gan_image_write_grid(path, (int)count * TRIPLE, (int)n->height, (int)n->width,
                                 (int)n->channels, to, columns, err);
    gan__free(from);
    gan__free(to);
    return s;
}

gan_status gan_trainer_write_samples(gan_trainer *tr, const char *path, gan_error *err) {
    return tr->task->take ? write_triples(tr, path, err) : write_generated(tr, path, err);
}
