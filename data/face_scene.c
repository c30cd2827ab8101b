/* SPDX-License-Identifier: MIT */
/* From attributes to a scene: everything that is the same for all pixels of an image. */
#include "face_scene.h"

/* By FACE_SHAPE: half width at the ears, height of the chin, narrowing towards the chin, and how
 * square the jaw is. */
static const float outlines[][4] = {
    {0.78F, 1.00F, 0.18F, 0.15F}, /* oval */
    {0.86F, 0.93F, 0.06F, 0.05F}, /* round */
    {0.80F, 0.98F, 0.02F, 0.60F}, /* square */
    {0.84F, 1.00F, 0.36F, 0.10F}, /* heart */
    {0.71F, 1.09F, 0.12F, 0.30F}, /* long */
};

/* How far the tip of the ellipsoid stands out before the axis of the head. */
static const float depth = 0.78F;

static const double pi = 3.14159265358979323846;

/* The sine of an angle in degrees, |angle| <= 450: libm's last digit differs between machines. */
static double sine(double degrees) {
    while (degrees > 180) degrees -= 360;
    if (degrees > 90) degrees = 180 - degrees;
    if (degrees < -90) degrees = -180 - degrees;
    double x = degrees * (pi / 180), term = x, sum = x;
    for (int k = 2; k < 18; k += 2) {
        term *= -x * x / (k * (k + 1));
        sum += term;
    }
    return sum;
}

static rgb color(const struct face *f, enum face_attribute a) {
    uint32_t v = face_color(f, a);
    return scaled((rgb){(float)(v >> 16), (float)(v >> 8 & 255), (float)(v & 255)}, 1 / 255.0F);
}

static void set_colors(struct scene *s, const struct face *f) {
    s->skin = scaled(color(f, FACE_SKIN), 1 + s->number[FACE_SKIN_SHADE]);
    s->hair = color(f, FACE_HAIR_COLOR);
    s->iris = color(f, FACE_EYE_COLOR);
    /* Lips keep a third of the skin, or dark faces would seem to wear pale paint. */
    s->lip = blend(color(f, FACE_LIP_COLOR), scaled(s->skin, 0.8F), 0.33F);
    s->frame = color(f, FACE_FRAME_COLOR);
    s->clothes = color(f, FACE_CLOTHES_COLOR);
    s->back = color(f, FACE_BACKGROUND_COLOR);
    s->back2 = color(f, FACE_BACKGROUND_COLOR2);
}

static void set_light(struct scene *s) {
    float x = s->number[FACE_LIGHT_X], y = -s->number[FACE_LIGHT_Y];
    float n = sqrtf(x * x + y * y + 1), strength = s->number[FACE_LIGHT_STRENGTH];
    float warm = s->number[FACE_LIGHT_WARMTH];
    s->light[0] = x / n;
    s->light[1] = y / n;
    s->light[2] = 1 / n;
    /* Shadows on skin are warmer than the skin: red goes last. */
    s->dark = (rgb){1 - 0.50F * strength, 1 - 0.60F * strength, 1 - 0.58F * strength};
    s->bright = (rgb){1.06F + 0.05F * warm, 1.06F, 1.06F - 0.07F * warm};
}

static void set_pose(struct scene *s, const struct face *f, int side) {
    s->scale = s->number[FACE_SCALE];
    s->pixel = 2 / ((float)side * s->scale);
    s->centre = (vec2){s->number[FACE_SHIFT_X], 0.08F + s->number[FACE_SHIFT_Y]};
    s->roll.x = (float)sine(f->value[FACE_ROLL] + 90);
    s->roll.y = (float)sine(f->value[FACE_ROLL]);
    s->turn.x = depth * (float)sine(f->value[FACE_YAW]);
    s->turn.y = depth * (float)sine(f->value[FACE_PITCH]);
    s->across.x = (float)sine(f->value[FACE_BACKGROUND_ANGLE] + 90);
    s->across.y = (float)sine(f->value[FACE_BACKGROUND_ANGLE]);
}

void scene_init(struct scene *s, const struct face *f, int side) {
    for (int i = 0; i < FACE_ATTRIBUTES; i++) {
        s->choice[i] = (int)f->value[i];
        s->number[i] = (float)f->value[i];
    }
    const float *o = outlines[s->choice[FACE_SHAPE]];
    s->half_width = o[0] * s->number[FACE_WIDTH];
    s->chin = o[1];
    s->taper = o[2];
    s->square = o[3];
    set_colors(s, f);
    set_light(s);
    set_pose(s, f, side);
}

static float lattice(int x, int y) {
    uint32_t h = (uint32_t)x * 0x8da6b343u ^ (uint32_t)y * 0xd8163841u;
    h = (h ^ (h >> 15)) * 0x2c1b3c6du;
    h = (h ^ (h >> 12)) * 0x297a2d39u;
    return (float)((h ^ (h >> 15)) >> 8) * 0x1p-23F - 1;
}

/* The floor, without a call; x > -4096. */
static int cell(float x) {
    return (int)(x + 4096) - 4096;
}

float noise(float x, float y) {
    int i = cell(x), j = cell(y);
    float u = x - (float)i, v = y - (float)j;
    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    return lerp(lerp(lattice(i, j), lattice(i + 1, j), u),
                lerp(lattice(i, j + 1), lattice(i + 1, j + 1), u), v);
}

float speckle(float x, float y) {
    int i = cell(x), j = cell(y);
    float u = 0.5F + 0.22F * lattice(i, j), v = 0.5F + 0.22F * lattice(i + 71, j);
    float radius = 0.16F + 0.12F * lattice(i, j + 53);
    return length(x - (float)i - u, y - (float)j - v) - radius;
}
