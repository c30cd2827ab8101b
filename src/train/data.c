/* SPDX-License-Identifier: MIT
 *
 * The data set that the settings describe. */
#include "base/parallel.h"
#include "gan/trainer.h"
#include "train/task/task.h"

/* Pairs of the two sets, each of which holds out its part and keeps half of the cache. */
static gan_status open_pair(const gan_config *c, const gan_dataset_options *options,
                            gan_dataset **out, gan_error *err) {
    gan_dataset_options o = *options;
    gan_dataset *a, *b;
    o.width = (int)c->width, o.cache_mib /= 2;
    gan_status s = gan_dataset_open(c->data, &o, &a, err);
    if (s) return s;
    s = gan_dataset_open(c->data_b, &o, &b, err);
    if (s) gan_dataset_free(a);
    return s ? s : gan_dataset_pair(a, b, out, err);
}

int gan_config_pictures(const gan_config *c) {
    const gan__task *task = gan__task_find(c->task, NULL);
    return task ? task->pictures : 0;
}

gan_status gan_config_open_data(const gan_config *c, gan_dataset **out, gan_error *err) {
    gan_dataset_options o = GAN_DATASET_OPTIONS_DEFAULTS;
    *out = NULL;
    gan_status s = gan_config_background(c, o.background, err);
    if (s) return s;
    const gan__task *task = gan__task_find(c->task, err);
    if (!task) return GAN_EINVAL;
    o.height = (int)c->height, o.width = (int)c->width * task->pictures;
    o.channels = (int)c->channels;
    o.cache_mib = (size_t)c->cache_mib, o.memory_mib = (size_t)c->image_mib;
    o.max_bad = c->max_bad, o.strict = c->strict, o.class_folders = c->class_folders;
    o.holdout = c->holdout, o.seed = (uint64_t)c->seed;
    o.threads = c->threads ? (int)c->threads : gan__processors();
    return task->both_ways ? open_pair(c, &o, out, err) : gan_dataset_open(c->data, &o, out, err);
}
