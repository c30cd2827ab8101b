/* SPDX-License-Identifier: MIT */
/* Hair: one construction for every style. An outer shape (a cap around the skull, and a curtain
 * that hangs from it) minus a window for the face; bumps and strands come from noise. */
#include "face_scene.h"

struct style {
    float top, side;       /* thickness above the skull, beside it */
    float drop, reach;     /* where the sides end, and how much further hair_length takes them */
    float flare;           /* widening of the curtain with y */
    float line;            /* y of the hairline in the middle */
    float open;            /* half width of the window, in half widths of the face */
    float flat;            /* 0: arched window, 1: square, as bangs cut it */
    float sweep, jag;      /* slope of the hairline, its raggedness */
    float bump, frequency; /* of the outline */
    float alpha;           /* of the front */
};

/* By FACE_HAIR. */
static const struct style styles[] = {
    /* top side drop reach flare line open flat sweep jag bump frequency alpha */
    {.alpha = 0},                                                            /* bald */
    {.02F, .01F, .02F, 0, 0, -.62F, .96F, .4F, 0, .02F, 0, 1, .72F},         /* buzz */
    {.15F, .06F, .06F, 0, 0, -.56F, .95F, .5F, 0, .10F, .04F, 6, 1},         /* short */
    {.17F, .07F, .10F, 0, 0, -.60F, .97F, .2F, .42F, .03F, .02F, 4, 1},      /* side_part */
    {.14F, .10F, .12F, 0, 0, -.41F, .92F, 1, 0, .07F, .02F, 5, 1},           /* bangs */
    {.15F, .20F, .58F, .25F, .06F, -.58F, .84F, .5F, .22F, .02F, 0, 3, 1},   /* bob */
    {.14F, .20F, 1.1F, .5F, .04F, -.64F, .86F, .1F, .10F, .02F, 0, 3, 1},    /* long */
    {.16F, .24F, .85F, .6F, .10F, -.60F, .86F, .2F, .20F, .04F, .07F, 3, 1}, /* wavy */
    {.24F, .24F, .38F, .5F, .02F, -.52F, .90F, .4F, 0, .10F, .09F, 4, 1},    /* curly */
    {.36F, .40F, .30F, .1F, 0, -.56F, .96F, .4F, 0, .05F, .05F, 9, 1},       /* afro */
    {.09F, .03F, .02F, 0, 0, -.66F, .97F, .1F, 0, .01F, 0, 3, 1},            /* bun */
};

enum { BUZZ = 1, CURLY = 8, AFRO, BUN };

/* The bun itself: a ball on top of the head, seen behind the cap. */
static float bun(const struct scene *s, const struct point *p) {
    return length(p->head.x + 0.5F * s->turn.x, p->head.y + 1.20F) -
           0.30F * s->number[FACE_HAIR_VOLUME];
}

/* The whole of the hair as if there were no face: cap, cut at `drop`, or with a curtain to it. */
static float outer(const struct scene *s, const struct style *h, vec2 q) {
    float volume = s->number[FACE_HAIR_VOLUME], shift = 0.12F * s->turn.x;
    float wide = s->half_width + h->side * volume, high = 0.88F + h->top * volume;
    float x = q.x + shift, y = q.y + 0.12F, drop = h->drop + h->reach * s->number[FACE_HAIR_LENGTH];
    float bump = 0;
    if (h->bump > 0) {
        float f = h->frequency, phase = 32 * s->number[FACE_HAIR_STRANDS];
        bump = h->bump * volume * noise(q.x * f + phase, q.y * f);
    }
    float cap = ellipse(x, y, wide, high) + bump;
    if (h->reach == 0) return max(cap, (q.y - drop) * 0.9F);
    float curtain = (x < 0 ? -x : x) - wide - h->flare * y + bump;
    float end = q.y - drop - 0.35F * bump;
    curtain = max(curtain, -y);
    float both = max(curtain, end), round = 0.18F; /* of the corner where the curtain ends */
    if (both > -round) both = length(max(curtain + round, 0), max(end + round, 0)) - round;
    return min(max(cap, end), both);
}

/* The window for the face, open downwards; in local coordinates, so that it turns with them. */
static float window(const struct scene *s, const struct style *h, vec2 q) {
    float side = s->choice[FACE_HAIR_SIDE] ? 1 : -1, low = 0.12F;
    float top = h->line + s->number[FACE_HAIRLINE], wide = s->half_width * h->open;
    float x = q.x + side * 0.45F * h->sweep, y = q.y + h->sweep * side * q.x * (q.y < 0 ? 1 : 0);
    if (h->jag > 0) y += h->jag * noise(q.x * 9 + 32 * s->number[FACE_HAIR_STRANDS], 3);
    float u = (h->sweep > 0.3F ? lerp(q.x, x, clamp(-q.y * 2)) : q.x) / wide;
    float v = y < low ? (y - low) / (low - top) : 0;
    float r = lerp(length(u, v), sqrtf(length(u * u, v * v)), h->flat);
    return (r - 1) * min(wide, low - top);
}

void locate_hair(const struct scene *s, struct point *p) {
    const struct style *h = &styles[s->choice[FACE_HAIR]];
    p->hair = h->alpha > 0 ? outer(s, h, p->head) : 1;
    p->window = h->alpha > 0 ? window(s, h, p->local) : -1;
}

/* Brightness of the strands: stripes that run out from the parting, or curls. */
static float strands(const struct scene *s, vec2 q) {
    float phase = 32 * s->number[FACE_HAIR_STRANDS];
    int style = s->choice[FACE_HAIR];
    if (style == CURLY || style == AFRO) {
        /* Turned, so that the lattice of the noise does not show. */
        float f = style == AFRO ? 9 : 5, u = f * (0.8F * q.x - 0.6F * q.y);
        float v = f * (0.6F * q.x + 0.8F * q.y), curl = noise(u + phase, v);
        return curl + 0.6F * noise(1.9F * u + 0.7F * curl, 1.9F * v + 0.7F * curl - phase);
    }
    float side = s->choice[FACE_HAIR_SIDE] ? 1 : -1;
    float x = q.x + side * 0.25F, y = q.y + 1.1F;
    float fan = x / (0.35F + length(x, y)); /* near the parting by angle, further down by x */
    return noise(fan * 11 + phase, q.y * 1.2F) + 0.5F * noise(fan * 27 - phase, q.y * 2);
}

static rgb hair_color(const struct scene *s, const struct point *p) {
    vec2 q = p->head;
    float texture = strands(s, q), strength = s->number[FACE_LIGHT_STRENGTH];
    rgb c = lit(s, scaled(s->hair, 1.05F + 0.24F * texture), clamp(p->diffuse * 0.9F + 0.12F));
    /* A band of gloss around the crown, on the side of the light. */
    float arc = q.y + 0.86F - 0.42F * square(q.x - 0.35F * s->light[0]);
    float band = spot(arc, q.x - 0.45F * s->light[0], 0.24F, 0.9F) * clamp(0.75F + 0.5F * texture);
    rgb gloss = blend(s->hair, (rgb){1, 0.96F, 0.9F}, 0.55F);
    return blend(c, gloss, (0.28F + 0.35F * strength) * band);
}

void paint_hair_behind(const struct scene *s, const struct point *p, rgb *out) {
    const struct style *h = &styles[s->choice[FACE_HAIR]];
    if (h->alpha < 1) return;
    if (s->choice[FACE_HAIR] == BUN) {
        float d = bun(s, p);
        rgb c = scaled(hair_color(s, p), 1 - 0.35F * ramp(-0.2F, 0, d));
        paint(out, c, cover(s, d));
    }
    if (p->hair > s->pixel || p->face < -0.3F) return;
    rgb c = scaled(lit(s, s->hair, 0.25F), 0.7F + 0.1F * strands(s, p->head));
    paint(out, c, cover(s, p->hair));
}

void paint_hair(const struct scene *s, const struct point *p, rgb *out) {
    const struct style *h = &styles[s->choice[FACE_HAIR]];
    if (h->alpha == 0) return;
    float d = max(p->hair, -p->window);
    if (d > 0.1F) return;
    rgb c = scaled(hair_color(s, p), 1 - 0.22F * ramp(-0.14F, 0, d));
    float a = s->choice[FACE_HAIR] == BUZZ ? ramp(0.03F, -0.09F, d) : cover(s, d);
    paint(out, c, h->alpha * a);
}
