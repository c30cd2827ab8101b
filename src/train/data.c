/* SPDX-License-Identifier: MIT
 *
 * The data set that the settings describe. */
#include "base/parallel.h"
#include "gan/trainer.h"
#include "train/task/task.h"

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
    return gan_dataset_open(c->data, &o, out, err);
}
