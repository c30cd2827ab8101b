/* SPDX-License-Identifier: MIT
 *
 * Super-resolution: the source is the picture made smaller, each pixel the mean of a block. */
#include "base/error.h"
#include "train/task/task.h"

static gan_status check(const gan_config *c, gan_error *err) {
    if (c->scale != 2 && c->scale != 4)
        return gan__fail(err, GAN_EINVAL, "--scale is %lld; it must be 2 or 4",
                         (long long)c->scale);
    if (c->height % c->scale || c->width % c->scale)
        return gan__fail(err, GAN_EINVAL,
                         "--size %lldx%lld does not divide by --scale %lld: there would be no "
                         "whole pixels to start from",
                         (long long)c->height, (long long)c->width, (long long)c->scale);
    return GAN_OK;
}

static void source(const gan_config *c, gan_network_config *g) {
    g->source_height = c->height / c->scale;
    g->source_width = c->width / c->scale;
    g->source_channels = c->channels;
}

/* The mean of the block of channel c at pixel (i,j) of the source. */
static double block(const gan_real *image, int64_t width, int64_t channels, int64_t scale,
                    int64_t i, int64_t j, int64_t c) {
    double sum = 0;
    for (int64_t a = 0; a < scale; a++)
        for (int64_t b = 0; b < scale; b++)
            sum += (double)image[((i * scale + a) * width + j * scale + b) * channels + c];
    return sum / (double)(scale * scale);
}

static void shrink(const gan_real *image, int64_t h, int64_t w, int64_t channels, int64_t scale,
                   gan_real *out) {
    for (int64_t i = 0; i < h / scale; i++)
        for (int64_t j = 0; j < w / scale; j++)
            for (int64_t c = 0; c < channels; c++)
                *out++ = (gan_real)block(image, w, channels, scale, i, j, c);
}

static void take(gan_trainer *tr) {
    const gan_config *c = &tr->config;
    int64_t size = c->height * c->width * c->channels, small = size / (c->scale * c->scale);
    const gan_real *from = gan_tensor_data(tr->real);
    gan_real *to = gan_tensor_edit(tr->input);
    for (int64_t n = 0; n < c->batch; n++)
        shrink(from + n * size, c->height, c->width, c->channels, c->scale, to + n * small);
}

const gan__task gan__task_superres = {"superres", "srresnet", "srgan", 1,   0,
                                      0,          check,      source,  take};
