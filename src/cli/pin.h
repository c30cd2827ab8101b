/* SPDX-License-Identifier: MIT
 *
 * cli/pin.h - one thread, one processor: pin.c says why. */
#ifndef GAN_CLI_PIN_H
#define GAN_CLI_PIN_H

#include <stdint.h>

/* main's arguments, before anything reads them. */
void pin_arguments(char **argv);

/* Called before anything is opened or computed, with the threads that the run will use; 0: one for
 * each processor. Starts the program again with its threads pinned, from the beginning, or returns:
 * they are already, or are better left alone, or it cannot be done. */
void pin_threads(int64_t threads);

#endif
