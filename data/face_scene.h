/* SPDX-License-Identifier: MIT */
/* face_scene.h - what the files of the renderer share: a face made ready to draw, and its maths.
 *
 * Units: a head unit is half the height of the skull; x to the right, y down, (0, 0) between the
 * ears. A shape is a signed distance in head units (negative inside); cover() turns it into the
 * part of the pixel that it covers, which is the whole of the antialiasing. Layers are painted
 * from back to front. The face is an ellipsoid: its features live in `local` coordinates, which
 * slide over it as the head turns. */
#ifndef FACE_SCENE_H
#define FACE_SCENE_H

#include "face.h"

#include <math.h>

typedef struct {
    float x, y;
} vec2;

typedef struct {
    float r, g, b;
} rgb;

struct scene {
    int choice[FACE_ATTRIBUTES];   /* of the attributes that are choices */
    float number[FACE_ATTRIBUTES]; /* of the others */
    float pixel;                   /* side of a pixel */
    vec2 centre;                   /* of the head, in the image's [-1, 1] */
    float scale;                   /* half images a head unit */
    vec2 roll;                     /* cosine, sine */
    vec2 turn;                     /* how far the middle of the face moves by yaw and pitch */
    vec2 across;                   /* direction of the background's gradient */
    float light[3];                /* towards the light */
    rgb dark, bright;              /* factors on a colour in full shadow, in full light */
    float half_width, chin, taper, square; /* outline of the face, see face_outline() */
    rgb skin, hair, iris, lip, frame, clothes, back, back2;
};

/* One pixel in every frame of reference that a layer may want. */
struct point {
    vec2 image, body, head, local;
    float face;         /* distance to the outline of the face */
    float hair, window; /* to the whole of the hair, and to the window in it for the face */
    float diffuse;      /* light on the ellipsoid of the head, in [0, 1] */
};

void scene_init(struct scene *s, const struct face *f, int side);

/* Layers: each paints over *out. */
void paint_hair_behind(const struct scene *s, const struct point *p, rgb *out);
void paint_hair(const struct scene *s, const struct point *p, rgb *out);
void paint_eyes(const struct scene *s, const struct point *p, rgb *out);
void paint_brows(const struct scene *s, const struct point *p, rgb *out);
void paint_nose(const struct scene *s, const struct point *p, rgb *out);
void paint_mouth(const struct scene *s, const struct point *p, rgb *out);
void paint_beard(const struct scene *s, const struct point *p, rgb *out);
void paint_glasses(const struct scene *s, const struct point *p, rgb *out);

/* Sets p->hair and p->window from p->head and p->local. */
void locate_hair(const struct scene *s, struct point *p);

/* Smooth noise in [-1, 1] with features about one unit wide. */
float noise(float x, float y);

/* Distance to the dot in one's own unit square: dots differ in place and size. */
float speckle(float x, float y);

/* fminf() and its like are calls, for the sake of NaN; these are one instruction. */
static inline float min(float a, float b) {
    return a < b ? a : b;
}

static inline float max(float a, float b) {
    return a > b ? a : b;
}

static inline float clamp(float x) {
    return min(max(x, 0), 1);
}

static inline float lerp(float a, float b, float t) {
    return a + (b - a) * t;
}

static inline float square(float x) {
    return x * x;
}

/* 0 below a, 1 above b, smooth between; also falls, when a > b. */
static inline float ramp(float a, float b, float x) {
    float t = clamp((x - a) / (b - a));
    return t * t * (3 - 2 * t);
}

static inline float length(float x, float y) {
    return sqrtf(x * x + y * y);
}

static inline rgb scaled(rgb c, float k) {
    return (rgb){c.r * k, c.g * k, c.b * k};
}

static inline rgb blend(rgb a, rgb b, float t) {
    return (rgb){lerp(a.r, b.r, t), lerp(a.g, b.g, t), lerp(a.b, b.b, t)};
}

static inline void paint(rgb *out, rgb c, float alpha) {
    *out = blend(*out, c, alpha);
}

/* A surface of colour c that receives `diffuse` of the light. */
static inline rgb lit(const struct scene *s, rgb c, float diffuse) {
    rgb k = blend(s->dark, s->bright, diffuse);
    return (rgb){c.r * k.r, c.g * k.g, c.b * k.b};
}

static inline float cover(const struct scene *s, float distance) {
    return clamp(0.5F - distance / s->pixel);
}

/* A line of half width t covers no pixel more than its own area. */
static inline float cover_line(const struct scene *s, float distance, float t) {
    return min(clamp(0.5F - (distance - t) / s->pixel), 2 * t / s->pixel);
}

/* Distance to the ellipse of radii a, b around 0, to first order. */
static inline float ellipse(float x, float y, float a, float b) {
    float r = length(x / a, y / b), g = length(x / (a * a), y / (b * b));
    return g > 1e-6F ? r * (r - 1) / g : -min(a, b);
}

/* A soft spot: 1 in the middle, 0 on the ellipse and beyond. */
static inline float spot(float x, float y, float a, float b) {
    return square(max(0, 1 - square(x / a) - square(y / b)));
}

#endif
