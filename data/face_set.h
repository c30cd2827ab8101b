/* SPDX-License-Identifier: MIT */
/* face_set.h - a folder of rendered faces: 000000.png ... and attributes.jsonl. */
#ifndef FACE_SET_H
#define FACE_SET_H

#include <stdint.h>

#define FACE_SET_MAX 1000000 /* six digits in a name */

struct face_set {
    const char *dir;
    long count;
    int size;      /* side of an image, in pixels */
    int threads;   /* 0: as many as OpenMP gives */
    int force;     /* replace what an earlier run left in dir */
    uint64_t seed; /* image i depends on seed, i and size alone */
};

enum { FACE_SET_MESSAGE = 1024 };

/* Makes the folder (not its parents) and fills it. attributes.jsonl is written last and moved into
 * place when it is whole: a folder that has it is a complete set. Returns 0; or -1, with what went
 * wrong and what to do about it in `message`. */
int face_set_write(const struct face_set *set, char message[FACE_SET_MESSAGE]);

#endif
