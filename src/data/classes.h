/* SPDX-License-Identifier: MIT */
#ifndef GAN_DATA_CLASSES_H
#define GAN_DATA_CLASSES_H

#include "data/dataset.h"

/* Labels and names of classes from the folder's paths, which have been found below `root`. GAN_EDATA: a
 * picture lies in the root itself. */
gan_status gan__dataset_label_folders(gan_dataset *ds, const char *root, gan_error *err);

/* Once the good pictures are known, before any is held out: a folder without a good
 * picture is no class. GAN_EDATA: a good picture lies in the root itself, under any name. */
gan_status gan__dataset_drop_empty_classes(gan_dataset *ds, gan_error *err);

#endif
