/* SPDX-License-Identifier: MIT
 *
 * folder.h - a folder of its own for a test program. */
#ifndef GAN_TESTS_FOLDER_H
#define GAN_TESTS_FOLDER_H

#include <stdio.h>
#include <stdlib.h>

static char dir[] = "/tmp/gan_test_XXXXXX";

/* A path in that folder, in one of four places that take turns. */
static const char *at(const char *name) {
    static char path[4][128];
    static int turn;
    char *p = path[turn++ % 4];
    snprintf(p, sizeof *path, "%s/%s", dir, name);
    return p;
}

static int setup(void **state) {
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

#endif
