/* SPDX-License-Identifier: MIT
 *
 * train/agree.c - do the settings, the networks and the data set go together? */
#include "base/error.h"
#include "gan/trainer.h"
#include "nn/internal.h"
#include "train/task/task.h"

/* Batch norm has to see two images or more; in a discriminator a pack is one. */
static gan_status check_batch_norm(const gan_config *c, gan_generator *g, gan_discriminator *d,
                                   gan_error *err) {
    int64_t pack = gan_discriminator_config(d)->pack;
    if (c->batch < 2 &&
        (gan_discriminator_mixes_batch(d) | gan_module_mixes_batch(gan_generator_root(g))) &
            GAN_MIXES_STATISTICS)
        return gan__fail(
            err, GAN_EMODEL,
            "batch norm needs a batch of 2 images or more, not %lld; use a larger "
            "--batch, or --norm-g and --norm-d instance, which is the same for one image",
            (long long)c->batch);
    if (c->batch < 2 * pack && gan_discriminator_mixes_batch(d) & GAN_MIXES_STATISTICS)
        return gan__fail(err, GAN_EMODEL,
                         "the discriminator's batch norm needs 2 packs of %lld images or more, a "
                         "batch of %lld is one; use a larger --batch, or --norm-d layer",
                         (long long)pack, (long long)c->batch);
    return GAN_OK;
}

static gan_status check_labels(const gan_network_config *n, const gan_dataset *data,
                               gan_error *err) {
    int64_t classes = gan_dataset_classes(data);
    if (n->condition == GAN_CONDITION_NONE) return GAN_OK;
    if (!classes)
        return gan__fail(err, GAN_EDATA,
                         "the networks take class labels, but the data set has none: give an IDX "
                         "file with its labels beside it, or a folder with --class-folders");
    if (classes > n->classes)
        return gan__fail(err, GAN_EDATA, "the data set has %lld classes, the networks are for %lld",
                         (long long)classes, (long long)n->classes);
    return GAN_OK;
}

gan_status gan_config_take_classes(gan_config *c, const gan_dataset *data, gan_error *err) {
    gan_network_config n = gan_config_discriminator(c);
    if (!n.classes) n.classes = gan_dataset_classes(data);
    gan_status s = check_labels(&n, data, err);
    if (!s && n.condition) c->classes = n.classes;
    return s;
}

/* What the task gives to the generator. */
static gan_status check_source(const gan_config *c, const gan_network_config *gc, gan_error *err) {
    gan_network_config want = gan_config_generator(c);
    if (gc->source_height == want.source_height && gc->source_width == want.source_width &&
        gc->source_channels == want.source_channels)
        return GAN_OK;
    return gan__fail(err, GAN_ESHAPE,
                     "task %s gives the generator images of %lldx%lldx%lld (0: latent vectors), it "
                     "was made for %lldx%lldx%lld",
                     c->task, (long long)want.source_height, (long long)want.source_width,
                     (long long)want.source_channels, (long long)gc->source_height,
                     (long long)gc->source_width, (long long)gc->source_channels);
}

gan_status gan__agree(const gan_config *c, const gan__task *task, gan_generator *g,
                      gan_discriminator *d, const gan_dataset *data, gan_error *err) {
    const gan_network_config *gc = gan_generator_config(g), *dc = gan_discriminator_config(d);
    int64_t judged = gc->channels + (task->beside ? gc->source_channels : 0);
    if (gc->height != dc->height || gc->width != dc->width || judged != dc->channels)
        return gan__fail(
            err, GAN_ESHAPE,
            "the generator makes images of %lldx%lldx%lld, the discriminator judges %lldx%lldx%lld",
            (long long)gc->height, (long long)gc->width, (long long)judged, (long long)dc->height,
            (long long)dc->width, (long long)dc->channels);
    if (gan_dataset_height(data) != gc->height ||
        gan_dataset_width(data) != gc->width * task->pictures ||
        gan_dataset_channels(data) != gc->channels)
        return gan__fail(err, GAN_EDATA,
                         "the data set has images of %dx%dx%d, the networks are for %lldx%lldx%lld",
                         gan_dataset_height(data), gan_dataset_width(data),
                         gan_dataset_channels(data), (long long)gc->height, (long long)gc->width,
                         (long long)gc->channels);
    gan_status s = check_source(c, gc, err);
    if (!s && task->both_ways && !(gc->twin && dc->twin))
        return gan__fail(err, GAN_EMODEL, "task %s wants twin networks, there and back", c->task);
    if (!s) s = check_labels(gc, data, err);
    if (!s) s = check_labels(dc, data, err);
    return s ? s : check_batch_norm(c, g, d, err);
}
