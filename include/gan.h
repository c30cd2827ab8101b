/* SPDX-License-Identifier: MIT
 *
 * gan.h - libgan: generative adversarial networks in C.
 *
 * The modules, from the ground up; each header is its manual. To train, begin at the end:
 * gan/run.h. */
#ifndef GAN_H
#define GAN_H

/* base */
#include "gan/rng.h"
#include "gan/status.h"
#include "gan/types.h"

/* kernels */
#include "gan/machine.h"

/* tensors and gradients */
#include "gan/profile.h"
#include "gan/safetensors.h"
#include "gan/tape.h"
#include "gan/tensor.h"

/* operations */
#include "gan/attention.h"
#include "gan/conv2d.h"
#include "gan/matmul.h"
#include "gan/norm.h"
#include "gan/pointwise.h"
#include "gan/resample.h"
#include "gan/shape.h"
#include "gan/softmax.h"

/* networks, objectives, optimizers */
#include "gan/augment.h"
#include "gan/discriminator.h"
#include "gan/diversity.h"
#include "gan/generator.h"
#include "gan/layer.h"
#include "gan/loss.h"
#include "gan/module.h"
#include "gan/network.h"
#include "gan/optim.h"
#include "gan/penalty.h"
#include "gan/sampler.h"
#include "gan/schedule.h"
#include "gan/term.h"

/* data */
#include "gan/dataset.h"
#include "gan/image.h"
#include "gan/loader.h"

/* training */
#include "gan/balance.h"
#include "gan/checkpoint.h"
#include "gan/classifier.h"
#include "gan/config.h"
#include "gan/doctor.h"
#include "gan/run.h"
#include "gan/trainer.h"

#endif
