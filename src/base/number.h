/* SPDX-License-Identifier: MIT
 *
 * base/number.h - numbers as text, with a point whatever locale the program has chosen. */
#ifndef GAN_BASE_NUMBER_H
#define GAN_BASE_NUMBER_H

#include <stddef.h>

/* strtod. */
double gan__number_read(const char *text, char **end);

/* "%.*g" with that many digits into text[size]; returns its length. */
int gan__number_write(double v, int digits, char *text, size_t size);

#endif
