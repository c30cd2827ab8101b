/* SPDX-License-Identifier: MIT
 *
 * The tasks: a row each. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "train/task/task.h"

static const gan__task *const table[] = {&gan__task_generate, &gan__task_superres,
                                         &gan__task_translate, &gan__task_cycle};

#define COUNT ((int)(sizeof table / sizeof *table))

const gan__task gan__task_generate = {"generate", NULL, NULL, 1, 0, 0, NULL, NULL, NULL};

const gan__task *gan__task_find(const char *name, gan_error *err) {
    char known[128] = "";
    for (int i = 0; i < COUNT; i++) {
        if (!strcmp(table[i]->name, name)) return table[i];
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i ? ", " : "",
                 table[i]->name);
    }
    gan__fail(err, GAN_EINVAL, "there is no task '%.80s'; known: %s", name, known);
    return NULL;
}
