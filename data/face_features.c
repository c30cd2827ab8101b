/* SPDX-License-Identifier: MIT */
/* Eyes, brows, nose and mouth, in local coordinates. Most are lenses: the space between two
 * parabolas that meet in the corners (-w, 0) and (w, 0). */
#include "face_scene.h"

static const float eye_line = 0.02F, nose_base = 0.30F, mouth_line = 0.585F;

/* Lines end thin: the share of its half width that a line has at x, when it ends at w. */
static float thin(float x, float w) {
    return max(0, 1 - square(square(x / w)));
}

static float magnitude(float x) {
    return x < 0 ? -x : x;
}

/* 1 in the middle, 0 in the corners, negative beyond. */
static float bow(float x, float w) {
    return 1 - square(x / w);
}

/* The distance y - curve(x), corrected for the slope of a parabola of height h. */
static float level(float dy, float x, float w, float h) {
    float slope = 2 * h * x / (w * w);
    return dy / sqrtf(1 + slope * slope);
}

/* By FACE_EYE_SHAPE: half width, height of the upper and of the lower lid, slope to the outside. */
static const float eyes[][4] = {
    {0.215F, 0.150F, 0.110F, 0.00F},  /* round */
    {0.235F, 0.125F, 0.085F, -0.08F}, /* almond */
    {0.230F, 0.082F, 0.060F, -0.04F}, /* narrow */
    {0.220F, 0.125F, 0.090F, 0.17F},  /* downturned */
    {0.225F, 0.120F, 0.090F, -0.22F}, /* upturned */
};

static vec2 eye_centre(const struct scene *s) {
    return (vec2){0.365F * s->number[FACE_EYE_SPACING] * (0.5F + 0.5F * s->half_width / 0.78F),
                  eye_line};
}

/* White, iris, pupil and the light's reflection; (x, y) from the middle of the eye. */
static rgb eyeball(const struct scene *s, float x, float y, float lid, float size) {
    float r = 0.118F * size, d = length(x, y);
    rgb c = scaled((rgb){0.97F, 0.95F, 0.94F}, 1 - 0.32F * ramp(0.07F, 0, lid));
    rgb iris = scaled(s->iris, 0.85F + 0.7F * ramp(-0.5F * r, r, y));
    iris = blend(iris, scaled(s->iris, 0.35F), ramp(0.7F * r, r, d));
    paint(&c, iris, cover(s, d - r));
    paint(&c, (rgb){0.03F, 0.02F, 0.03F}, cover(s, d - 0.48F * r));
    float glint = length(x - 0.34F * r * (s->light[0] < 0 ? -1 : 1), y + 0.36F * r);
    paint(&c, (rgb){1, 1, 1}, 0.95F * cover(s, glint - 0.30F * r));
    return c;
}

static void paint_eye(const struct scene *s, vec2 p, float side, rgb *out) {
    const float *e = eyes[s->choice[FACE_EYE_SHAPE]];
    float size = s->number[FACE_EYE_SIZE], w = e[0] * size, up = e[1] * size, low = e[2] * size;
    vec2 at = eye_centre(s);
    float x = side * p.x - at.x, flat = p.y - at.y, y = flat - e[3] * x; /* x: to the outside */
    if (magnitude(x) > 0.4F || magnitude(flat) > 0.4F) return;
    paint(out, scaled(*out, 0.68F), 0.75F * spot(x + 0.03F, flat + 0.06F, 0.36F, 0.27F));
    float k = bow(x, w), lid = level(y + up * k, x, w, up), floor = level(y - low * k, x, w, low);
    rgb ball = eyeball(s, x - side * 0.045F * s->number[FACE_GAZE_X],
                       flat - 0.02F * s->number[FACE_GAZE_Y], lid, size);
    paint(out, ball, cover(s, max(-lid, floor)));
    rgb ink = scaled(blend(s->skin, s->hair, 0.5F), 0.16F);
    float t = (0.028F + 0.014F * clamp(x / w)) * thin(x, 1.14F * w);
    if (magnitude(x) < w * 1.1F) {
        paint(out, ink, cover_line(s, magnitude(lid), t));
        paint(out, scaled(s->skin, 0.45F), 0.5F * cover_line(s, magnitude(floor), 0.014F));
        paint(out, scaled(s->skin, 0.5F), 0.45F * cover_line(s, magnitude(lid + 0.075F), 0.012F));
    }
}

void paint_eyes(const struct scene *s, const struct point *p, rgb *out) {
    paint_eye(s, p->local, p->local.x < 0 ? -1 : 1, out);
}

/* By FACE_BROWS: half width, half thickness, height of the arch, slope to the outside. */
static const float brow_shapes[][4] = {
    {0.23F, 0.040F, 0.02F, -0.02F}, /* straight */
    {0.23F, 0.034F, 0.10F, 0.00F},  /* arched */
    {0.25F, 0.066F, 0.05F, 0.00F},  /* bushy */
    {0.23F, 0.044F, 0.04F, -0.28F}, /* angled */
    {0.22F, 0.040F, 0.04F, 0.26F},  /* worried */
    {0.22F, 0.022F, 0.08F, 0.00F},  /* thin */
};

void paint_brows(const struct scene *s, const struct point *p, rgb *out) {
    const float *b = brow_shapes[s->choice[FACE_BROWS]];
    float x = magnitude(p->local.x) - eye_centre(s).x - 0.01F;
    float y = p->local.y + 0.265F + s->number[FACE_BROW_HEIGHT] - b[3] * x;
    if (magnitude(x) > b[0] + 0.1F || magnitude(y) > 0.3F || p->face > 0) return;
    float d = magnitude(level(y + b[2] * (bow(x, b[0]) - 0.5F), x, b[0], b[2]));
    float t = b[1] * (1 - 0.55F * ramp(0, b[0], x)) * thin(x, 1.2F * b[0]);
    float end = magnitude(x) - b[0];
    /* Brows are darker than the hair, or fair ones would vanish on fair skin. */
    rgb c = scaled(blend(s->hair, s->skin, 0.12F), 0.55F);
    paint(out, lit(s, c, p->diffuse), 0.92F * min(cover_line(s, d, t), cover(s, end)));
}

/* By FACE_NOSE: half width, length, width of the bridge, how far the tip hangs. */
static const float noses[][4] = {
    {0.170F, 0.04F, 0.065F, 0.02F},   /* medium */
    {0.150F, -0.04F, 0.060F, -0.02F}, /* button */
    {0.225F, 0.03F, 0.085F, 0.00F},   /* wide */
    {0.130F, 0.06F, 0.048F, 0.03F},   /* narrow */
    {0.165F, 0.09F, 0.072F, 0.06F},   /* hooked */
};

static const rgb gleam = {1, 0.97F, 0.93F};

/* The underside, the nostrils and the tip; (x, y) from the base of the nose. */
static void paint_nose_tip(const struct scene *s, const float *n, float x, float y, rgb *out) {
    float w = n[0], strength = s->number[FACE_LIGHT_STRENGTH];
    rgb deep = scaled(s->skin, 0.42F);
    paint(out, deep, 0.50F * spot(x, y - 0.075F, w * 1.25F, 0.10F));
    float under = magnitude(level(y - 0.055F - n[3] * bow(x, w), x, w, n[3]));
    float line = cover_line(s, under, 0.021F * thin(x, 1.1F * w));
    paint(out, deep, 0.85F * min(line, cover(s, magnitude(x) - w)));
    float hole = ellipse(magnitude(x) - 0.52F * w, y - 0.045F, 0.30F * w + 0.012F, 0.034F);
    paint(out, scaled(deep, 0.4F), 0.9F * cover(s, hole));
    float aside = s->light[0] < 0 ? 0.03F : -0.03F;
    paint(out, gleam, (0.15F + 0.3F * strength) * spot(x + aside, y + 0.04F, 0.07F, 0.07F));
}

void paint_nose(const struct scene *s, const struct point *p, rgb *out) {
    const float *n = noses[s->choice[FACE_NOSE]];
    float base = (nose_base + n[1]) * s->number[FACE_NOSE_LENGTH];
    float down = clamp((p->local.y - eye_line + 0.12F) / (base - eye_line + 0.12F));
    /* The tip stands out further than the face, so it turns further. */
    float x = p->local.x - 0.10F * s->turn.x * down, y = p->local.y - base;
    if (magnitude(x) > 0.4F || y > 0.25F || y < -0.7F) return;
    float away = s->light[0] < 0 ? 1 : -1, strength = s->number[FACE_LIGHT_STRENGTH];
    float half = lerp(n[2], 0.8F * n[0], down * down);
    float ends = ramp(0, 0.35F, down) * ramp(0.1F, 0, y);
    rgb deep = {0.48F * s->skin.r, 0.42F * s->skin.g, 0.42F * s->skin.b};
    float wall = spot(x - away * (half + 0.03F), 0, 0.085F, 1);
    paint(out, deep, (0.28F + 0.34F * strength) * wall * ends);
    paint(out, gleam, (0.08F + 0.14F * strength) * ends * spot(x + away * 0.02F, 0, half, 1));
    paint_nose_tip(s, n, x, y, out);
}

/* By FACE_MOUTH: half width, bend (corners up), opening, and the part of it that is teeth. */
static const float mouths[][4] = {
    {0.255F, 0.00F, 0.00F, 0},    /* neutral */
    {0.300F, 0.11F, 0.00F, 0},    /* smile */
    {0.320F, 0.09F, 0.15F, 0.8F}, /* grin */
    {0.205F, 0.01F, 0.24F, 0.3F}, /* open */
    {0.255F, -0.09F, 0.00F, 0},   /* frown */
};

static void paint_inside(const struct scene *s, float d, float depth, float teeth, rgb *out) {
    rgb c = {0.26F, 0.05F, 0.07F};
    if (depth > 0.65F) c = blend(c, (rgb){0.80F, 0.34F, 0.36F}, ramp(0.65F, 0.95F, depth));
    paint(&c, (rgb){0.97F, 0.95F, 0.92F}, ramp(teeth + 0.08F, teeth - 0.08F, depth));
    paint(out, c, cover(s, d));
}

void paint_mouth(const struct scene *s, const struct point *p, rgb *out) {
    const float *m = mouths[s->choice[FACE_MOUTH]];
    float w = m[0] * s->number[FACE_MOUTH_WIDTH], full = s->number[FACE_LIP_FULLNESS];
    float x = p->local.x - 0.05F * s->turn.x, k = bow(x, w);
    float y = p->local.y - mouth_line - m[1] * (k - 0.4F) + 0.3F * m[2];
    if (magnitude(x) > w + 0.1F || magnitude(y) > 0.5F) return;
    float dip = 1 - 0.35F * spot(x, 0, 0.09F, 1);
    float above = level(y + 0.062F * full * k * dip, x, w, m[1] + 0.06F);
    float below = level(y - (m[2] + 0.082F * full) * k, x, w, m[1] + m[2] + 0.08F);
    float inner = level(y - m[2] * k, x, w, m[1] + m[2]), line = level(y, x, w, m[1]);
    paint(out, scaled(*out, 0.72F), 0.7F * spot(x, below - 0.06F, 0.75F * w, 0.07F));
    rgb lip = lit(s, s->lip, 0.4F + 0.6F * p->diffuse);
    lip = scaled(lip, inner > 0 ? 1.02F : 0.74F);
    lip = blend(lip, (rgb){1, 0.95F, 0.93F}, 0.30F * spot(x, inner - 0.04F, 0.5F * w, 0.035F));
    paint(out, lip, cover(s, max(-above, below)));
    if (m[2] > 0) paint_inside(s, max(-line, inner), y / max(m[2] * k, 1e-3F), m[3], out);
    rgb ink = scaled(blend(s->skin, s->lip, 0.6F), 0.28F);
    float ends = cover(s, magnitude(x) - w * 1.05F), strong = m[2] > 0 ? 0.5F : 0.95F;
    paint(out, ink,
          strong * min(ends, cover_line(s, magnitude(line), 0.023F * thin(x, 1.12F * w))));
}
