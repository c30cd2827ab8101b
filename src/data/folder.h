/* SPDX-License-Identifier: MIT
 *
 * data/folder.h - the files of a folder, in an order that the file system does not decide. */
#ifndef GAN_DATA_FOLDER_H
#define GAN_DATA_FOLDER_H

#include <stddef.h>

#include "base/memory.h"
#include "gan/status.h"

typedef struct gan__folder {
    char **paths; /* [count], sorted by byte: root, '/', path below it */
    size_t count, capacity;
    gan__arena arena; /* holds the paths */
} gan__folder;

/* All regular files below `root`, symbolic links followed (but not around in a circle), names that
 * begin with a dot left out. {0} before; gan__folder_free() also after a failure. */
gan_status gan__folder_search(gan__folder *f, const char *root, gan_error *err);
void gan__folder_free(gan__folder *f);

/* Is the name one that an image file has: .jpg, .png, .gif, ...? */
int gan__folder_names_image(const char *path);

#endif
