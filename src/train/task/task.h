/* SPDX-License-Identifier: MIT
 *
 * train/task/task.h - what a generator is for: what it is given, what its images are compared with,
 * and what the discriminator sees. */
#ifndef GAN_TRAIN_TASK_H
#define GAN_TRAIN_TASK_H

#include "train/internal.h"

struct gan__task {
    const char *name;
    const char *arch_g, *arch_d; /* the paper's architectures; NULL: those of the settings */
    int pictures;                /* side by side in one of the data set: 2 where it has pairs */
    int beside;                  /* D sees the source too: its channels, then those of the image */
    int both_ways; /* twin networks: from the source to the target, and from that back */
    gan_status (*check)(const gan_config *c, gan_error *err); /* NULL: nothing to check */
    /* Where G makes images of images; NULL, both: of latent vectors. */
    void (*source)(const gan_config *c, gan_network_config *g); /* its size, into g */
    void (*take)(gan_trainer *tr); /* tr->batch to tr->input and tr->real */
};

extern const gan__task gan__task_generate, gan__task_superres, gan__task_translate, gan__task_cycle;

/* Of tasks with pairs: the source is as large as the target; and the batch's halves, as the direction
 * says, to tr->input and tr->real. */
void gan__same_size(const gan_config *c, gan_network_config *g);
void gan__take_halves(gan_trainer *tr);

/* By name; NULL with a message that lists the known ones. */
const gan__task *gan__task_find(const char *name, gan_error *err);

#endif
