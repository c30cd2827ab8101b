/* SPDX-License-Identifier: MIT
 *
 * gan/tape.h - the record of one training step, and gradients.
 *
 * Operations run at once and are recorded on a tape. gan_grad() walks the record backwards, from an
 * output to the tensors whose gradient is wanted, and along those paths only. The gradient of every
 * operation is made of operations, so with GAN_GRAD_RECORD a gradient can be differentiated in turn
 * (gradient penalties).
 *
 * Errors are sticky: an operation on a tape that has failed, or with a NULL operand, returns NULL
 * and changes nothing; gan_tape_status() and gan_tape_error() tell the first failure;
 * gan_tape_reset() clears it. A step is checked once, at its end.
 *
 *     gan_tensor *y = gan_tanh(t, gan_matmul(t, x, w, 0));
 *     gan_tensor *loss = gan_mean_all(t, gan_square(t, gan_sub(t, y, target)));
 *     gan_tensor *gw;
 *     if (gan_grad(t, loss, NULL, 1, &w, &gw, 0)) puts(gan_tape_error(t)->text);
 *
 * A tape belongs to one thread at a time; it runs its operations on `threads` threads, and the
 * results have the same bits for any number of them. */
#ifndef GAN_TAPE_H
#define GAN_TAPE_H

#include <stddef.h>

#include "gan/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct gan_tape gan_tape;

/* threads < 1: one for each processor. NULL: out of memory. */
GAN_API gan_tape *gan_tape_create(int threads);
GAN_API void gan_tape_free(gan_tape *t);
GAN_API int gan_tape_threads(const gan_tape *t);

/* Drops the record and all tensors of the tape, clears its error, and keeps the memory for the next
 * step. */
GAN_API void gan_tape_reset(gan_tape *t);

/* The first failure since the last reset; GAN_OK when there was none. */
GAN_API gan_status gan_tape_status(const gan_tape *t);
GAN_API const gan_error *gan_tape_error(const gan_tape *t);

/* Puts a failure on the tape unless it has one: for layers written by users. Always returns NULL.
 */
GAN_API gan_tensor *gan_tape_fail(gan_tape *t, gan_status code, const char *format, ...)
    GAN_PRINTF(3, 4);

/* Switches recording on or off and returns what it was. Off: gradients cannot be taken, and the
 * layers of gan/module.h give each activation's buffer back as soon as it has been used. */
GAN_API int gan_tape_record(gan_tape *t, int on);
GAN_API int gan_tape_recording(const gan_tape *t);

/* Names in messages: what runs between push and pop is in "outer.name". A name may hold dots. */
GAN_API void gan_tape_push(gan_tape *t, const char *name);
GAN_API void gan_tape_pop(gan_tape *t);

/* A tensor of the tape with a copy of `data` (NULL: zeros). */
GAN_API gan_tensor *gan_input(gan_tape *t, int rank, const int64_t *dim, const gan_real *data);

/* A tensor of the tape filled with one value. */
GAN_API gan_tensor *gan_full(gan_tape *t, int rank, const int64_t *dim, double value);

/* The same values, through which no gradient flows; shares the buffer. */
GAN_API gan_tensor *gan_detach(gan_tape *t, gan_tensor *x);

/* Keeps the buffer of x when gan_grad would give it back. Returns x. */
GAN_API gan_tensor *gan_keep(gan_tape *t, gan_tensor *x);

/* Gives the buffer of a tensor of the tape back before the reset; x may not be used any more. */
GAN_API void gan_release(gan_tape *t, gan_tensor *x);

enum {
    GAN_GRAD_RECORD =
        1, /* record the gradients' own computation: they can be differentiated; implies KEEP */
    GAN_GRAD_KEEP = 2 /* keep the buffers of the paths walked: they can be walked again */
};

/* grads[i] = sum over out of seed * d out / d wrt[i], with the shape of wrt[i] and owned by the
 * tape; zeros where out does not depend on wrt[i]. seed NULL: ones. Without a flag the values on
 * the paths walked are given back after their last use (out, wrt and kept tensors excepted), and a
 * second walk over them is GAN_ESTATE, as is a gradient across a parameter that has changed since
 * the forward computation. On failure the status is also on the tape, and grads[i] are NULL. */
GAN_API gan_status gan_grad(gan_tape *t, gan_tensor *out, gan_tensor *seed, int n,
                            gan_tensor *const wrt[], gan_tensor *grads[], unsigned flags);

/* Memory of a tape: buffers allocated since its creation; bytes now held, now in use, and in use at
 * most. */
typedef struct gan_tape_usage {
    size_t allocations, held, in_use, peak;
} gan_tape_usage;

GAN_API gan_tape_usage gan_tape_memory(const gan_tape *t);

#ifdef __cplusplus
}
#endif
#endif
