/* SPDX-License-Identifier: MIT
 *
 * Translation of pairs (pix2pix, arXiv:1611.07004): pictures of the data set hold two, side by side. */
#include <string.h>

#include "train/task/task.h"

void gan__same_size(const gan_config *c, gan_network_config *g) {
    g->source_height = c->height;
    g->source_width = c->width;
    g->source_channels = c->channels;
}

void gan__take_halves(gan_trainer *tr) {
    const gan_config *c = &tr->config;
    int64_t row = c->width * c->channels;
    const gan_real *from = gan_tensor_data(tr->batch);
    gan_real *half[2] = {gan_tensor_edit(tr->input), gan_tensor_edit(tr->real)};
    int first = c->direction != 0; /* ba: the left half is the target */
    for (int64_t i = 0; i < c->batch * c->height; i++) {
        memcpy(half[first] + i * row, from + 2 * i * row, (size_t)row * sizeof *from);
        memcpy(half[!first] + i * row, from + (2 * i + 1) * row, (size_t)row * sizeof *from);
    }
}

const gan__task gan__task_translate = {"translate", "unet",         "patch",         2, 1, 0,
                                       NULL,        gan__same_size, gan__take_halves};
