/* SPDX-License-Identifier: MIT
 *
 * gan/profile.h - where the time of a tape goes.
 *
 * While a profile is attached to a tape, every finished operation is charged the time since the
 * previous charge, in the row of its (part, op, scope, shape). So the rows add up to the time
 * between gan_profile_start() and the last charge; what a program does between two operations is
 * charged to the second one, unless gan_profile_mark() claims it first.
 *
 *     gan_profile *p = gan_profile_create();
 *     gan_tape_profile(t, p);
 *     gan_profile_start(p);
 *     ... operations, gan_grad ...
 *     for (int i = 0; i < gan_profile_count(p); i++) {
 *         const gan_profile_row *r = gan_profile_at(p, i);
 *         printf("%s %s %s: %g s\n", r->op, r->scope, r->shape, r->seconds);
 *     }
 *
 * An operation that runs on several threads is charged the time of the clock on the wall. A tape
 * without a profile pays one comparison an operation. */
#ifndef GAN_PROFILE_H
#define GAN_PROFILE_H

#include "gan/tape.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_profile gan_profile;

/* Texts are "" where there is nothing to say. An operation that computes a gradient without others
 * is named "batch_norm backward", with the shape of the gradient. */
typedef struct gan_profile_row {
    const char *part;  /* of the step: see gan_tape_part */
    const char *op;    /* "conv2d" */
    const char *scope; /* "discriminator.main.3" */
    const char *shape; /* of the result: "[64,16,16,128]" */
    int64_t calls;
    double seconds;
    double flops; /* a multiply-add is two; one an element of the result where nothing is said */
    double bytes; /* of operands and result; 0: the result shares its operand's elements */
} gan_profile_row;

/* NULL: out of memory. A profile belongs to one thread at a time; it is freed after the tapes that
 * it is attached to, or detached from them first. */
GAN_API gan_profile *gan_profile_create(void);
GAN_API void gan_profile_free(gan_profile *p);

/* Forgets all rows and keeps the memory. */
GAN_API void gan_profile_reset(gan_profile *p);

/* The time before belongs to nobody. */
GAN_API void gan_profile_start(gan_profile *p);

/* Charges the time since the last charge to work that is no operation of a tape; part and op are
 * copied. p NULL: nothing. Where memory for a new row is lacking, the time is charged to nobody. */
GAN_API void gan_profile_mark(gan_profile *p, const char *part, const char *op, double flops,
                              double bytes);

/* Rows in the order in which they first appeared. A row lives until the next charge or reset. NULL:
 * there is no such row. */
GAN_API int gan_profile_count(const gan_profile *p);
GAN_API const gan_profile_row *gan_profile_at(const gan_profile *p, int i);

/* Attaches a borrowed profile (NULL: none), which stays over gan_tape_reset(). */
GAN_API void gan_tape_profile(gan_tape *t, gan_profile *p);

/* Names the part of a step that runs from here on, until the next name or the reset: "D on real".
 * The gradients of what is recorded now will be charged to the part `backward`; NULL: to the same
 * part. Both are borrowed and must outlive the record and the profile's use of them. */
GAN_API void gan_tape_part(gan_tape *t, const char *part, const char *backward);

#ifdef __cplusplus
}
#endif
#endif
