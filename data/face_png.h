/* SPDX-License-Identifier: MIT */
/* face_png.h - pixels to the bytes of a PNG file. */
#ifndef FACE_PNG_H
#define FACE_PNG_H

/* Call once, before threads begin. */
void face_png_init(void);

/* Encodes rgb[side * side * 3]. The caller frees the result; NULL when memory ran out. */
unsigned char *face_png_encode(const unsigned char *rgb, int side, int *length);

#endif
