/* SPDX-License-Identifier: MIT */
/* The picture: background, body, ears, the shaded face, and the order of the layers. */
#include "face_scene.h"

static rgb background(const struct scene *s, vec2 p) {
    float along = p.x * s->across.x + p.y * s->across.y, t = 0;
    switch (s->choice[FACE_BACKGROUND]) {
    case FACE_BACKGROUND_GRADIENT:
        t = ramp(-1.1F, 1.1F, along);
        break;
    case FACE_BACKGROUND_TWO_TONE:
        t = cover(s, along / s->scale);
        break;
    case FACE_BACKGROUND_SPOT:
        t = 1 - spot(p.x, p.y, 1.5F, 1.5F);
        break;
    default:
        t = 0;
    }
    float vignette = 1 - 0.12F * (p.x * p.x + p.y * p.y);
    return scaled(blend(s->back, s->back2, t), vignette);
}

/* The shoulders, as a distance; the neck hole is cut by the kind of clothes. */
static float shoulders(vec2 p) {
    float x = p.x < 0 ? -p.x : p.x;
    float top = 1.17F + 0.16F * ramp(0.25F, 1.25F, x) + 0.9F * ramp(1.15F, 1.9F, x);
    return (top - p.y) * 0.9F;
}

static void paint_neck(const struct scene *s, const struct point *p, rgb *out) {
    vec2 q = p->body;
    float x = q.x < 0 ? -q.x : q.x, wide = 0.42F * s->number[FACE_WIDTH];
    float d = max(x - wide - 0.25F * square(max(0, q.y - 0.9F)), 0.2F - q.y);
    if (d > s->pixel) return;
    float side = clamp(0.5F + 0.45F * s->light[0] * q.x / wide + 0.2F);
    /* The chin's shadow falls away from the light. */
    float shadow = ramp(0.34F, -0.05F, p->face - 0.12F);
    rgb c = lit(s, s->skin, side * 0.75F * (1 - 0.8F * shadow));
    paint(out, c, cover(s, d));
}

/* Distance to the hole that the collar leaves for the neck. */
static float neck_hole(int clothes, vec2 q) {
    float x = q.x < 0 ? -q.x : q.x;
    switch (clothes) {
    case FACE_CLOTHES_V_NECK:
        return max((x - 0.48F) + 0.62F * (q.y - 1.1F), q.y - 1.9F);
    case FACE_CLOTHES_SHIRT:
        return max((x - 0.40F) + 0.9F * (q.y - 1.1F), q.y - 1.6F);
    default:
        return ellipse(q.x, q.y - 1.0F, 0.50F, 0.34F);
    }
}

/* Stripes, a light collar, a seam. */
static rgb cloth(const struct scene *s, int clothes, vec2 q, float hole) {
    static const rgb white = {0.95F, 0.95F, 0.93F};
    rgb c = s->clothes;
    float edge = hole - (clothes == FACE_CLOTHES_SHIRT ? 0.22F : 0.09F);
    if (clothes == FACE_CLOTHES_STRIPES) {
        float wave = q.y * 5 + 0.6F * q.x * q.x, part = wave - (float)(int)wave;
        c = blend(c, white, ramp(0.35F, 0.5F, part) * ramp(1, 0.85F, part));
    }
    if (clothes == FACE_CLOTHES_SHIRT) c = blend(c, white, 0.55F * cover(s, edge));
    float seam = cover_line(s, edge < 0 ? -edge : edge, 0.02F);
    return clothes == FACE_CLOTHES_V_NECK ? c : scaled(c, 1 - 0.4F * seam);
}

static void paint_clothes(const struct scene *s, const struct point *p, rgb *out) {
    vec2 q = p->body;
    int kind = s->choice[FACE_CLOTHES];
    float x = q.x < 0 ? -q.x : q.x, d = shoulders(q), hole = neck_hole(kind, q);
    if (kind == FACE_CLOTHES_TURTLENECK) {
        d = min(d, max(x - 0.47F, 1.0F + 0.2F * x * x - q.y));
        hole = 1; /* no collar, no seam */
    }
    d = max(d, -hole);
    if (d > s->pixel) return;
    float light = clamp(0.62F + 0.5F * s->light[0] * q.x + 0.15F * s->light[1] * (q.y - 1.5F));
    light *= 1 - 0.5F * ramp(0.55F, 0.05F, p->face); /* the head's shadow */
    paint(out, lit(s, cloth(s, kind, q, hole), light), cover(s, d));
}

static void paint_ear(const struct scene *s, const struct point *p, float side, rgb *out) {
    static const float sizes[] = {0.82F, 1.0F, 1.22F};
    float k = sizes[s->choice[FACE_EARS]];
    /* Ears sit behind the axis of the head, so they turn the other way. */
    float x = (p->head.x + 0.3F * s->turn.x) * side - s->half_width - 0.03F * k;
    float y = p->head.y - 0.08F - 0.4F * s->turn.y;
    if (x < -0.4F || x > 0.4F || y < -0.4F || y > 0.7F) return;
    float d = ellipse(x - 0.12F * y, y, 0.13F * k, 0.22F * k);
    if (d < s->pixel) {
        rgb c = lit(s, s->skin, clamp(p->diffuse * 0.9F));
        c = blend(c, scaled(c, 0.62F), spot(x - 0.01F, y + 0.01F, 0.11F * k, 0.17F * k));
        paint(out, c, cover(s, d));
    }
    int ring = s->choice[FACE_EARRINGS];
    if (ring == FACE_EARRINGS_NONE) return;
    static const rgb gold = {0.96F, 0.80F, 0.36F};
    float r = ring == FACE_EARRINGS_HOOPS ? 0.12F : 0.0F, t = r > 0 ? 0.028F : 0.055F;
    float e = length(x, y - 0.24F * k - r) - r;
    paint(out, gold, cover_line(s, e < 0 ? -e : e, t));
}

static void paint_cheeks(const struct scene *s, const struct point *p, rgb *out) {
    float x = (p->local.x < 0 ? -p->local.x : p->local.x) - 0.46F, y = p->local.y - 0.30F;
    if (s->choice[FACE_CHEEKS] == FACE_CHEEKS_BLUSH)
        paint(out, blend(*out, (rgb){0.92F, 0.30F, 0.30F}, 0.55F), 0.8F * spot(x, y, 0.3F, 0.24F));
    if (s->choice[FACE_CHEEKS] == FACE_CHEEKS_FRECKLES) {
        float dots = cover(s, speckle(p->local.x * 12, p->local.y * 12) / 12);
        float where = spot(p->local.x, p->local.y - 0.2F, 0.85F, 0.34F);
        paint(out, scaled(*out, 0.6F), dots * min(1, 1.6F * where));
    }
}

static void paint_face(const struct scene *s, const struct point *p, rgb *out) {
    if (p->face > s->pixel) return;
    rgb c = lit(s, s->skin, p->diffuse);
    /* Some light comes through the edge of the shadow, and leaves it red. */
    float edge = spot(p->diffuse - 0.35F, 0, 0.3F, 1);
    c = blend(c, (rgb){c.r * 1.08F, c.g * 0.95F, c.b * 0.92F}, edge);
    /* The hair's shadow on the forehead, and the darker rim that rounds the outline. */
    float shadow = ramp(0.22F, 0.0F, -p->window);
    c = scaled(c, (1 - 0.24F * shadow) * (1 - 0.20F * ramp(-0.16F, 0.0F, p->face)));
    float shine = spot(p->local.x - 0.3F * s->light[0], p->local.y + 0.5F, 0.5F, 0.32F);
    c = blend(c, (rgb){1, 0.98F, 0.94F}, 0.16F * s->number[FACE_LIGHT_STRENGTH] * shine);
    paint_cheeks(s, p, &c);
    paint(out, c, cover(s, p->face));
}

/* Distance to the face's outline: two half ellipses, the lower one tapering and squared by a
 * blend of the 2-norm and the 4-norm. *radius is 0 in the middle and 1 on the outline. Both norms
 * are homogeneous, so that |p| (1 - 1/r) is the distance along the ray from the centre. */
static float face_outline(const struct scene *s, vec2 p, float *radius) {
    float down = clamp(p.y / s->chin);
    float x = (p.x - 0.24F * s->turn.x * down) / (s->half_width * (1 - s->taper * down * down));
    float y = p.y > 0 ? p.y / s->chin : p.y;
    float r2 = length(x, y), r4 = sqrtf(length(x * x, y * y));
    float r = lerp(r2, r4, p.y > 0 ? s->square : 0.2F);
    *radius = r2;
    return (r - 1) * (r > 1e-3F ? length(p.x, p.y) / r : s->half_width);
}

/* Lambert's law on the ellipsoid, wrapped a little around the edge as light in a room is. */
static float ellipsoid_light(const struct scene *s, vec2 p) {
    float x = p.x / (s->half_width + 0.12F), y = p.y / (s->chin + 0.12F);
    float r = x * x + y * y, k = r > 0.94F ? sqrtf(0.94F / r) : 1;
    float z = sqrtf(1 - min(r, 0.94F));
    float dot = x * k * s->light[0] + y * k * s->light[1] + z * s->light[2];
    return clamp((dot + 0.15F) / 1.05F);
}

static struct point locate(const struct scene *s, float x, float y) {
    struct point p = {.image = {x, y}};
    float dx = (x - s->centre.x) / s->scale, dy = (y - s->centre.y) / s->scale, radius;
    p.body = (vec2){dx + 0.5F * s->roll.y, dy};
    p.head = (vec2){dx * s->roll.x + dy * s->roll.y, dy * s->roll.x - dx * s->roll.y};
    p.face = face_outline(s, p.head, &radius);
    p.diffuse = ellipsoid_light(s, p.head);
    /* A paraboloid in place of the ellipsoid: its slope stays finite at the outline, so the
     * features are never stretched by more than the antialiasing can bear. */
    float z = max(0, 1 - radius * radius);
    p.local = (vec2){p.head.x - s->turn.x * z, p.head.y - s->turn.y * z};
    locate_hair(s, &p);
    return p;
}

static rgb shade(const struct scene *s, float x, float y) {
    struct point p = locate(s, x, y);
    rgb c = background(s, p.image);
    paint_hair_behind(s, &p, &c);
    paint_neck(s, &p, &c);
    paint_clothes(s, &p, &c);
    paint_ear(s, &p, -1, &c);
    paint_ear(s, &p, 1, &c);
    paint_face(s, &p, &c);
    if (p.face < s->pixel) {
        paint_nose(s, &p, &c);
        paint_eyes(s, &p, &c);
    }
    paint_beard(s, &p, &c);
    if (p.face < s->pixel) paint_mouth(s, &p, &c);
    paint_brows(s, &p, &c);
    paint_glasses(s, &p, &c);
    paint_hair(s, &p, &c);
    return c;
}

static unsigned char byte(float x) {
    return (unsigned char)(255 * clamp(x) + 0.5F);
}

void face_render(const struct face *f, int side, unsigned char *out) {
    struct scene s;
    scene_init(&s, f, side);
    float step = 2 / (float)side;
    for (int i = 0; i < side; i++) {
        for (int j = 0; j < side; j++, out += 3) {
            rgb c = shade(&s, ((float)j + 0.5F) * step - 1, ((float)i + 0.5F) * step - 1);
            out[0] = byte(c.r);
            out[1] = byte(c.g);
            out[2] = byte(c.b);
        }
    }
}
