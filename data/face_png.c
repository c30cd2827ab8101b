/* SPDX-License-Identifier: MIT */
/* The only file that sees stb_image_write; its warnings are not ours to mend. */
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#include <stb/stb_image_write.h>

#include "face_png.h"

void face_png_init(void) {
    stbi_write_png_compression_level = 5;
}

unsigned char *face_png_encode(const unsigned char *rgb, int side, int *length) {
    return stbi_write_png_to_mem(rgb, side * 3, side, side, 3, length);
}
