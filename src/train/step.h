/* SPDX-License-Identifier: MIT
 *
 * train/step.h - the pieces that the updates of D and G are made of (step_parts.c). Tensors are of the
 * trainer's tape. */
#ifndef GAN_TRAIN_STEP_H
#define GAN_TRAIN_STEP_H

#include "nn/internal.h"
#include "tensor/internal.h"
#include "train/task/task.h"

gan_rng gan__rng_of(const gan_trainer *tr, uint32_t stream, uint64_t number);

/* Into tr->input, from the place `number` of a stream. */
void gan__draw_noise(gan_trainer *tr, uint32_t stream, int64_t number);

/* The next batch of the data set, and what G makes images of for D's batch `number`. */
gan_status gan__next_batch(gan_trainer *tr, int64_t number, gan_error *err);

/* What G is given, and what its images are held against; of twins on the way back (pass->back) the one
 * is the other. */
gan_tensor *gan__source(const gan_trainer *tr, const gan_pass *pass);
gan_tensor *gan__target(const gan_trainer *tr, const gan_pass *pass);

/* Makes room for the images of earlier steps; and what D is shown in place of `images` of D's batch
 * `number`, on the way there or back: leaves, through which nothing flows. */
gan_status gan__pool_start(gan_trainer *tr, gan_error *err);
gan_tensor *gan__pool_exchange(gan_trainer *tr, const gan_tensor *images, int64_t number, int way);

/* G's images of its source; `record`: on the record. */
gan_tensor *gan__generate(gan_trainer *tr, int record, const gan_pass *pass);

/* What D sees of an image: the source beside it, where the task says so. */
gan_tensor *gan__seen(gan_trainer *tr, gan_tensor *x);

/* D's view of what it sees, with the noise of the settings. */
gan_judgement gan__judge(gan_trainer *tr, gan_tensor *x, gan_rng *blur, const gan_pass *pass);

/* loss + weight * cross-entropy of the classes that D sees (ACGAN), where it has such an output. */
gan_tensor *gan__classified(gan_trainer *tr, gan_tensor *loss, const gan_judgement *j);

/* Has D a say in G's loss, or is it left out altogether? */
int gan__judges(const gan_trainer *tr);

/* Does G's step judge the images of the last D update again, on the same record? */
int gan__reuses_fakes(const gan_trainer *tr);

/* The scores that are ranked, into `kept`, and their number: all, or where they are many (a patch's
 * each), evenly among them. And the mean of all. */
size_t gan__ranked(const gan_tensor *scores, gan_real kept[GAN__KEPT_SCORES]);
double gan__mean(const gan_tensor *scores);

/* Moves the tape's failure to err; a loss that is not finite is one too. */
gan_status gan__settle(gan_trainer *tr, const char *name, const gan_tensor *loss, gan_error *err);

/* side->grads = gradient of loss / accumulate; of batch k > 0 added to the sums of those before. */
void gan__backward(gan_trainer *tr, gan__side *side, gan_tensor *loss, int64_t k);

/* The optimizer's step; *norm receives that of the gradients. */
gan_status gan__update(gan_trainer *tr, gan__side *side, const char *name, double *norm,
                       gan_error *err);

/* Work on the weights of a side, each element of which moved that many, for the profile. */
void gan__charge(gan_trainer *tr, const gan__side *side, const char *op, int moved);

#endif
