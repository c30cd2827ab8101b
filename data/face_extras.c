/* SPDX-License-Identifier: MIT */
/* Beards and glasses. */
#include "face_scene.h"

static float magnitude(float x) {
    return x < 0 ? -x : x;
}

/* Two drooping halves that meet under the nose. */
static float moustache(const struct scene *s, vec2 q) {
    float x = magnitude(q.x), w = 0.33F * s->number[FACE_MOUTH_WIDTH];
    float middle = 0.455F + 0.28F * x * x / w, thick = 0.075F * (1 - square(x / w));
    return max(magnitude(q.y - middle) - max(thick, 0), x - w);
}

/* Everything below a line from the ears to the mouth's corners, a little beyond the jaw. */
static float full_beard(const struct point *p) {
    vec2 q = p->local;
    float x = magnitude(q.x), cheek = 0.40F - 0.42F * ramp(0.30F, 0.72F, x);
    return max(p->face - 0.07F * ramp(0.1F, 0.8F, p->head.y), cheek - q.y);
}

static float goatee(vec2 q) {
    float ring = ellipse(q.x, q.y - 0.66F, 0.36F, 0.30F);
    return min(ellipse(q.x, q.y - 0.90F, 0.27F, 0.18F), magnitude(ring + 0.05F) - 0.05F);
}

static float beard_distance(const struct scene *s, const struct point *p) {
    float d = moustache(s, p->local);
    switch (s->choice[FACE_BEARD]) {
    case FACE_BEARD_MOUSTACHE:
        return d;
    case FACE_BEARD_GOATEE:
        return max(min(d, goatee(p->local)), p->face - 0.05F);
    default:
        return min(d, full_beard(p));
    }
}

void paint_beard(const struct scene *s, const struct point *p, rgb *out) {
    int kind = s->choice[FACE_BEARD];
    if (kind == FACE_BEARD_NONE || p->head.y < 0 || p->face > 0.1F) return;
    vec2 q = p->local;
    float grain = noise(q.x * 16 + 7, q.y * 7 + 32 * s->number[FACE_HAIR_STRANDS]);
    float d = beard_distance(s, p) + 0.02F * grain;
    rgb c = lit(s, scaled(s->hair, 0.86F + 0.2F * grain), 0.15F + 0.75F * p->diffuse);
    if (kind == FACE_BEARD_STUBBLE) {
        paint(out, blend(c, scaled(s->skin, 0.5F), 0.4F), 0.5F * ramp(0.06F, -0.12F, d));
    } else {
        float soft = max(s->pixel, 0.035F);
        paint(out, c, 0.97F * clamp(0.5F - d / soft));
    }
}

/* Half of a pair of glasses: the distance to the edge of a lens around (0, 0). */
static float lens(int kind, float x, float y) {
    if (kind == FACE_GLASSES_ROUND) return length(x, y) - 0.285F;
    float wide = kind == FACE_GLASSES_SUN ? 0.20F : 0.19F, high = 0.12F, round = 0.10F;
    float dx = max(magnitude(x - 0.01F) - wide, 0), dy = max(magnitude(y) - high, 0);
    float out = length(dx, dy), in = max(magnitude(x - 0.01F) - wide, magnitude(y) - high);
    return (out > 0 ? out : min(in, 0)) - round;
}

void paint_glasses(const struct scene *s, const struct point *p, rgb *out) {
    int kind = s->choice[FACE_GLASSES];
    if (kind == FACE_GLASSES_NONE) return;
    float x = magnitude(p->local.x), at = 0.365F + 0.4F * (s->half_width - 0.78F);
    float y = p->local.y - 0.03F, t = 0.030F;
    if (magnitude(y) > 0.45F || p->face > 0.02F) return;
    float d = lens(kind, x - at, y), inside = cover(s, d);
    float streak =
        ramp(0.05F, 0, magnitude(p->local.x - 0.6F * y - 0.3F * (p->local.x < 0 ? -1.4F : 1)));
    if (kind == FACE_GLASSES_SUN)
        paint(out, blend((rgb){0.06F, 0.06F, 0.09F}, s->frame, 0.25F * ramp(-0.1F, 0.25F, y)),
              0.93F * inside);
    paint(out, (rgb){1, 1, 1}, (kind == FACE_GLASSES_SUN ? 0.22F : 0.16F) * inside * streak);
    float rim = cover_line(s, magnitude(d), t);
    float bridge = max(magnitude(y + 0.04F - 0.35F * x * x), x - at + 0.27F);
    float arm = max(magnitude(y + 0.04F), at + 0.27F - x);
    float bars = max(cover_line(s, bridge, t), cover_line(s, arm, t));
    paint(out, lit(s, s->frame, 0.35F + 0.65F * p->diffuse), max(rim, bars));
}
