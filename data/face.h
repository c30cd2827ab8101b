/* SPDX-License-Identifier: MIT */
/* face.h - a rendered face: labelled attributes drawn from a seed, and the picture they describe.
 *
 * A face is a vector of values, one an attribute, and nothing else: face_render() reads no random
 * number, so what face_write_json() prints describes the picture completely. Every value is drawn
 * from a hash of (seed, image, name of the attribute): the attributes are independent of each
 * other, and a new row in the table leaves all others as they were. Values are rounded to what the
 * JSON shows before they are used. Only integers, + - * / and square roots are involved, so that
 * attributes and pixels are the same on any IEEE 754 machine (built without fused multiply-add). */
#ifndef FACE_H
#define FACE_H

#include <stdint.h>
#include <stdio.h>

enum face_attribute {
    FACE_SKIN,
    FACE_SKIN_SHADE,
    FACE_SHAPE,
    FACE_WIDTH,
    FACE_CHEEKS,
    FACE_EARS,
    FACE_EARRINGS,
    FACE_HAIR,
    FACE_HAIR_COLOR,
    FACE_HAIR_SIDE,
    FACE_HAIR_VOLUME,
    FACE_HAIR_LENGTH,
    FACE_HAIRLINE,
    FACE_HAIR_STRANDS,
    FACE_EYE_COLOR,
    FACE_EYE_SHAPE,
    FACE_EYE_SIZE,
    FACE_EYE_SPACING,
    FACE_GAZE_X,
    FACE_GAZE_Y,
    FACE_BROWS,
    FACE_BROW_HEIGHT,
    FACE_NOSE,
    FACE_NOSE_LENGTH,
    FACE_MOUTH,
    FACE_MOUTH_WIDTH,
    FACE_LIP_COLOR,
    FACE_LIP_FULLNESS,
    FACE_BEARD,
    FACE_GLASSES,
    FACE_FRAME_COLOR,
    FACE_YAW,
    FACE_PITCH,
    FACE_ROLL,
    FACE_SCALE,
    FACE_SHIFT_X,
    FACE_SHIFT_Y,
    FACE_LIGHT_X,
    FACE_LIGHT_Y,
    FACE_LIGHT_STRENGTH,
    FACE_LIGHT_WARMTH,
    FACE_BACKGROUND,
    FACE_BACKGROUND_COLOR,
    FACE_BACKGROUND_COLOR2,
    FACE_BACKGROUND_ANGLE,
    FACE_CLOTHES,
    FACE_CLOTHES_COLOR,
    FACE_ATTRIBUTES
};

/* The choices that the renderer tells apart by name; the others only index a table of shapes. */
enum { FACE_CHEEKS_PLAIN, FACE_CHEEKS_BLUSH, FACE_CHEEKS_FRECKLES };
enum { FACE_EARRINGS_NONE, FACE_EARRINGS_STUDS, FACE_EARRINGS_HOOPS };
enum {
    FACE_BEARD_NONE,
    FACE_BEARD_STUBBLE,
    FACE_BEARD_MOUSTACHE,
    FACE_BEARD_GOATEE,
    FACE_BEARD_FULL
};
enum { FACE_GLASSES_NONE, FACE_GLASSES_ROUND, FACE_GLASSES_SQUARE, FACE_GLASSES_SUN };
enum {
    FACE_BACKGROUND_PLAIN,
    FACE_BACKGROUND_GRADIENT,
    FACE_BACKGROUND_TWO_TONE,
    FACE_BACKGROUND_SPOT
};
enum {
    FACE_CLOTHES_CREW,
    FACE_CLOTHES_V_NECK,
    FACE_CLOTHES_SHIRT,
    FACE_CLOTHES_TURTLENECK,
    FACE_CLOTHES_STRIPES
};

/* Choices hold the index of the choice, colours 0xRRGGBB, numbers themselves. */
struct face {
    double value[FACE_ATTRIBUTES];
};

/* Draws face number `image` of the set with this seed. */
void face_sample(struct face *f, uint64_t seed, uint64_t image);

/* Writes `"name": value` of every attribute, separated by commas, without braces. */
void face_write_json(const struct face *f, FILE *out);

/* The colour 0xRRGGBB of an attribute: its own, or that of the choice. */
uint32_t face_color(const struct face *f, enum face_attribute a);

/* Draws into rgb[side * side * 3], rows from the top. */
void face_render(const struct face *f, int side, unsigned char *rgb);

#endif
