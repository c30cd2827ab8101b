/* SPDX-License-Identifier: MIT */
/* The table of attributes, and the three ways to draw one: a weighted choice, a number, a colour.
 * README.md repeats it for the reader; the order of rows and choices is that of face.h. */
#include "face.h"

#include <stddef.h>

struct choice {
    const char *name;
    uint32_t weight;
    uint32_t rgb; /* of a colour */
};

enum kind { CHOICE, UNIFORM, TRIANGLE, COLOR };

struct attribute {
    const char *name;
    enum kind kind;
    double low, high; /* of a number; TRIANGLE has its peak in the middle. COLOR: of brightness */
    const struct choice *choices;
};

/* A name with its weight, a colour with its weight, and the two kinds of row. */
/* clang-format off */
#define N(name, weight) {name, weight, 0}
#define P(name, weight, rgb) {name, weight, rgb}
#define CHOICES(name, ...) \
    {name, CHOICE, 0, 0, (const struct choice[]){__VA_ARGS__, {NULL, 0, 0}}}
#define NUMBER(name, kind, low, high) {name, kind, low, high, NULL}
/* clang-format on */

static const struct attribute table[FACE_ATTRIBUTES] = {
    [FACE_SKIN] = CHOICES("skin", P("porcelain", 1, 0xf6dece), P("fair", 1, 0xf2cdb2),
                          P("light", 1, 0xe6b896), P("beige", 1, 0xd6a47c), P("olive", 1, 0xbc9266),
                          P("tan", 1, 0xaa764e), P("brown", 1, 0x865839), P("deep", 1, 0x5e3d2c)),
    [FACE_SKIN_SHADE] = NUMBER("skin_shade", UNIFORM, -0.06, 0.06),
    [FACE_SHAPE] = CHOICES("face_shape", N("oval", 1), N("round", 1), N("square", 1), N("heart", 1),
                           N("long", 1)),
    [FACE_WIDTH] = NUMBER("face_width", TRIANGLE, 0.93, 1.07),
    [FACE_CHEEKS] = CHOICES("cheeks", N("plain", 3), N("blush", 2), N("freckles", 1)),
    [FACE_EARS] = CHOICES("ears", N("small", 1), N("medium", 2), N("large", 1)),
    [FACE_EARRINGS] = CHOICES("earrings", N("none", 6), N("studs", 1), N("hoops", 1)),
    [FACE_HAIR] =
        CHOICES("hair", N("bald", 2), N("buzz", 2), N("short", 3), N("side_part", 3), N("bangs", 3),
                N("bob", 2), N("long", 3), N("wavy", 3), N("curly", 3), N("afro", 2), N("bun", 2)),
    [FACE_HAIR_COLOR] =
        CHOICES("hair_color", P("black", 4, 0x231f22), P("dark_brown", 4, 0x432c20),
                P("brown", 4, 0x704828), P("auburn", 2, 0x8c3c22), P("ginger", 2, 0xc86a2a),
                P("blond", 3, 0xdcb264), P("platinum", 1, 0xeadcb4), P("grey", 2, 0x96969a),
                P("white", 1, 0xe4e4e6), P("blue", 1, 0x3a64b4), P("pink", 1, 0xdc6a9c)),
    [FACE_HAIR_SIDE] = CHOICES("hair_side", N("left", 1), N("right", 1)),
    [FACE_HAIR_VOLUME] = NUMBER("hair_volume", UNIFORM, 0.8, 1.25),
    [FACE_HAIR_LENGTH] = NUMBER("hair_length", UNIFORM, 0.0, 1.0),
    [FACE_HAIRLINE] = NUMBER("hairline", TRIANGLE, -0.07, 0.05),
    [FACE_HAIR_STRANDS] = NUMBER("hair_strands", UNIFORM, 0.0, 1.0),
    [FACE_EYE_COLOR] = CHOICES("eye_color", P("dark_brown", 2, 0x3c2416), P("brown", 2, 0x7a4620),
                               P("hazel", 1, 0xa0782e), P("green", 1, 0x4c9656),
                               P("blue", 2, 0x3f86d0), P("grey", 1, 0x7e94a0)),
    [FACE_EYE_SHAPE] = CHOICES("eye_shape", N("round", 2), N("almond", 2), N("narrow", 1),
                               N("downturned", 1), N("upturned", 1)),
    [FACE_EYE_SIZE] = NUMBER("eye_size", TRIANGLE, 0.88, 1.14),
    [FACE_EYE_SPACING] = NUMBER("eye_spacing", TRIANGLE, 0.9, 1.1),
    [FACE_GAZE_X] = NUMBER("gaze_x", TRIANGLE, -1.0, 1.0),
    [FACE_GAZE_Y] = NUMBER("gaze_y", TRIANGLE, -1.0, 1.0),
    [FACE_BROWS] = CHOICES("brows", N("straight", 1), N("arched", 1), N("bushy", 1), N("angled", 1),
                           N("worried", 1), N("thin", 1)),
    [FACE_BROW_HEIGHT] = NUMBER("brow_height", TRIANGLE, -0.05, 0.06),
    [FACE_NOSE] = CHOICES("nose", N("medium", 2), N("button", 1), N("wide", 1), N("narrow", 1),
                          N("hooked", 1)),
    [FACE_NOSE_LENGTH] = NUMBER("nose_length", TRIANGLE, 0.86, 1.14),
    [FACE_MOUTH] =
        CHOICES("mouth", N("neutral", 3), N("smile", 3), N("grin", 3), N("open", 2), N("frown", 1)),
    [FACE_MOUTH_WIDTH] = NUMBER("mouth_width", TRIANGLE, 0.82, 1.18),
    [FACE_LIP_COLOR] = CHOICES("lip_color", P("natural", 5, 0xb04a46), P("rose", 2, 0xd0607a),
                               P("red", 1, 0xc01c2c), P("plum", 1, 0x7e2c50)),
    [FACE_LIP_FULLNESS] = NUMBER("lip_fullness", TRIANGLE, 0.6, 1.4),
    [FACE_BEARD] = CHOICES("beard", N("none", 12), N("stubble", 2), N("moustache", 2),
                           N("goatee", 2), N("full", 3)),
    [FACE_GLASSES] = CHOICES("glasses", N("none", 13), N("round", 3), N("square", 3), N("sun", 1)),
    [FACE_FRAME_COLOR] =
        CHOICES("frame_color", P("black", 3, 0x18181c), P("tortoise", 1, 0x5c3214),
                P("gold", 1, 0xc89a34), P("red", 1, 0xb02430), P("blue", 1, 0x244c9c)),
    [FACE_YAW] = NUMBER("yaw", TRIANGLE, -24.0, 24.0),
    [FACE_PITCH] = NUMBER("pitch", TRIANGLE, -9.0, 11.0),
    [FACE_ROLL] = NUMBER("roll", TRIANGLE, -9.0, 9.0),
    [FACE_SCALE] = NUMBER("scale", UNIFORM, 0.64, 0.72),
    [FACE_SHIFT_X] = NUMBER("shift_x", TRIANGLE, -0.09, 0.09),
    [FACE_SHIFT_Y] = NUMBER("shift_y", TRIANGLE, -0.06, 0.06),
    [FACE_LIGHT_X] = NUMBER("light_x", UNIFORM, -1.1, 1.1),
    [FACE_LIGHT_Y] = NUMBER("light_y", UNIFORM, 0.0, 1.0),
    [FACE_LIGHT_STRENGTH] = NUMBER("light_strength", UNIFORM, 0.3, 1.0),
    [FACE_LIGHT_WARMTH] = NUMBER("light_warmth", UNIFORM, -1.0, 1.0),
    [FACE_BACKGROUND] =
        CHOICES("background", N("plain", 1), N("gradient", 1), N("two_tone", 1), N("spot", 1)),
    [FACE_BACKGROUND_COLOR] = NUMBER("background_color", COLOR, 0.3, 0.95),
    [FACE_BACKGROUND_COLOR2] = NUMBER("background_color2", COLOR, 0.3, 0.95),
    [FACE_BACKGROUND_ANGLE] = NUMBER("background_angle", UNIFORM, 0.0, 360.0),
    [FACE_CLOTHES] = CHOICES("clothes", N("crew", 2), N("v_neck", 1), N("shirt", 2),
                             N("turtleneck", 1), N("stripes", 1)),
    [FACE_CLOTHES_COLOR] = NUMBER("clothes_color", COLOR, 0.15, 0.95),
};

/* The finaliser of splitmix64: each bit of z reaches every bit of the result. */
static uint64_t mix(uint64_t z) {
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* FNV-1a: the name, not the row, keys an attribute, so that rows can move. */
static uint64_t hash_name(const char *s) {
    uint64_t h = 0xcbf29ce484222325u;
    for (; *s; s++) h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    return h;
}

static double uniform(uint64_t key, uint64_t draw) {
    return (double)(mix(key ^ mix(draw)) >> 11) * 0x1p-53;
}

/* To the four digits that the JSON shows. */
static double rounded(double x) {
    return (double)(int64_t)(x * 1e4 + (x < 0 ? -0.5 : 0.5)) / 1e4;
}

static double draw_choice(const struct choice *c, uint64_t key) {
    uint64_t total = 0;
    for (int i = 0; c[i].name; i++) total += c[i].weight;
    uint64_t ticket = ((mix(key) >> 32) * total) >> 32;
    int i = 0;
    for (; ticket >= c[i].weight; i++) ticket -= c[i].weight;
    return i;
}

/* One channel of a hue in [0, 6): the usual six ramps; `offset` is 5 for red, 3 green, 1 blue. */
static uint32_t channel(double hue, double saturation, double bright, double offset) {
    double k = hue + offset;
    if (k >= 6) k -= 6;
    double ramp = k < 4 - k ? k : 4 - k;
    ramp = ramp < 0 ? 0 : ramp > 1 ? 1 : ramp;
    return (uint32_t)(255 * bright * (1 - saturation * ramp) + 0.5);
}

/* Saturation stops at 0.7: clothes and walls are seldom vivid. */
static double draw_color(const struct attribute *a, uint64_t key) {
    double hue = 6 * uniform(key, 0), saturation = 0.7 * uniform(key, 1);
    double bright = a->low + (a->high - a->low) * uniform(key, 2);
    return channel(hue, saturation, bright, 5) << 16 | channel(hue, saturation, bright, 3) << 8 |
           channel(hue, saturation, bright, 1);
}

static double draw(const struct attribute *a, uint64_t key) {
    double width = a->high - a->low;
    switch (a->kind) {
    case CHOICE:
        return draw_choice(a->choices, key);
    case COLOR:
        return draw_color(a, key);
    case TRIANGLE:
        return rounded(a->low + width * 0.5 * (uniform(key, 0) + uniform(key, 1)));
    default:
        return rounded(a->low + width * uniform(key, 0));
    }
}

void face_sample(struct face *f, uint64_t seed, uint64_t image) {
    uint64_t key = mix(mix(seed) ^ image);
    for (int i = 0; i < FACE_ATTRIBUTES; i++)
        f->value[i] = draw(&table[i], mix(key ^ hash_name(table[i].name)));
}

uint32_t face_color(const struct face *f, enum face_attribute a) {
    uint32_t v = (uint32_t)f->value[a];
    return table[a].kind == COLOR ? v : table[a].choices[v].rgb;
}

void face_write_json(const struct face *f, FILE *out) {
    for (int i = 0; i < FACE_ATTRIBUTES; i++) {
        const struct attribute *a = &table[i];
        uint32_t v = a->kind == CHOICE || a->kind == COLOR ? (uint32_t)f->value[i] : 0;
        fprintf(out, "%s\"%s\": ", i ? ", " : "", a->name);
        if (a->kind == CHOICE) {
            fprintf(out, "\"%s\"", a->choices[v].name);
        } else if (a->kind == COLOR) {
            fprintf(out, "[%u, %u, %u]", v >> 16, v >> 8 & 255, v & 255);
        } else {
            fprintf(out, "%.4f", f->value[i]);
        }
    }
}
