/* SPDX-License-Identifier: MIT
 *
 * Labels from the names of folders: a class for each folder right below the root. */
#include "data/classes.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* The folder below the root that a path leads through; *length 0: none. */
static const char *folder_of(const char *path, size_t root, size_t *length) {
    const char *name = path + root;
    while (*name == '/') name++;
    const char *slash = strchr(name, '/');
    *length = slash ? (size_t)(slash - name) : 0;
    return name;
}

static int add_name(gan_dataset *ds, const char *name, size_t length) {
    const char **names =
        gan__grow(ds->class_names, &ds->class_room, (size_t)ds->named, sizeof *names);
    if (!names) return 0;
    ds->class_names = names;
    char *copy = gan__arena_take(&ds->folder.arena, length + 1);
    if (!copy) return 0;
    memcpy(copy, name, length);
    copy[length] = 0;
    names[ds->named++] = copy;
    return 1;
}

/* Is that the class that was met last? Paths are sorted, so no other can be. */
static int is_last(const gan_dataset *ds, const char *name, size_t length) {
    const char *last = ds->named ? ds->class_names[ds->named - 1] : "";
    return strlen(last) == length && !strncmp(last, name, length);
}

static gan_status stray(const gan_dataset *ds, size_t i, gan_error *err) {
    return gan__fail(err, GAN_EDATA,
                     "%s lies in no folder of its class: with class folders each picture is in one "
                     "right below the data set's folder",
                     ds->folder.paths[i]);
}

gan_status gan__dataset_label_folders(gan_dataset *ds, const char *root, gan_error *err) {
    const gan__folder *f = &ds->folder;
    ds->labels = gan__alloc(f->count, sizeof *ds->labels);
    if (!ds->labels) return gan__fail_memory(err);
    for (size_t i = 0; i < f->count; i++) {
        size_t length;
        const char *name = folder_of(f->paths[i], strlen(root), &length);
        if (!length && gan__folder_names_image(f->paths[i])) return stray(ds, i, err);
        if (length && !is_last(ds, name, length) && !add_name(ds, name, length))
            return gan__fail_memory(err);
        ds->labels[i] = length ? ds->named - 1 : -1;
    }
    return GAN_OK;
}

gan_status gan__dataset_drop_empty_classes(gan_dataset *ds, gan_error *err) {
    if (!ds->folder.count || !ds->labels) return GAN_OK;
    int *number = gan__alloc((size_t)ds->named + 1, sizeof *number), kept = 0;
    if (!number) return gan__fail_memory(err);
    for (int c = 0; c < ds->named; c++) number[c] = -1;
    for (size_t k = 0; k < ds->trains; k++) { /* in path order, so classes keep theirs */
        int *label = &ds->labels[ds->hold[k]];
        if (*label < 0) {
            gan__free(number);
            return stray(ds, ds->hold[k], err);
        }
        if (number[*label] < 0) {
            ds->class_names[kept] = ds->class_names[*label];
            number[*label] = kept++;
        }
        *label = number[*label];
    }
    ds->named = kept;
    gan__free(number);
    return GAN_OK;
}

const char *gan_dataset_class_name(const gan_dataset *ds, int i) {
    return i >= 0 && i < ds->named ? ds->class_names[i] : NULL;
}
