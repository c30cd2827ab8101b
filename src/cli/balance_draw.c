/* SPDX-License-Identifier: MIT
 *
 * Curves as SVG, written by hand: a panel a metric beside each other, the legend on the right. A
 * line that is dashed, and a floor that is dotted, can be told apart without colours too. */
#include "cli/balance.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 400, HEIGHT = 300, LEFT = 62, RIGHT = 14, TOP = 56, BOTTOM = 48, LEGEND = 170 };
enum { COLOURS = 7, ROW = 18 };

/* Okabe and Ito's, which the colour-blind can tell apart. */
static const char *const colours[COLOURS] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                             "#e69f00", "#56b4e9", "#000000"};
static const char *const dashes[] = {"none", "7 3", "2 2"};

typedef struct panel {
    FILE *f;
    const balance *b;
    int metric;
    double left;      /* of its frame, in pixels */
    double low, high; /* values at the bottom and the top of the frame */
    double step;      /* between two lines of the scale */
} panel;

static const char *colour(int i) {
    return colours[i % COLOURS];
}

static const char *dash(int i) {
    return dashes[i / COLOURS % 3];
}

/* --- scales --- */

/* 1, 2 or 5 times a power of ten: a few of them make the range. */
static double round_step(double range) {
    double ten = pow(10, floor(log10(range / 5))), part = range / 5 / ten;
    return ten * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
}

static void widen(panel *p, double value) {
    if (!isfinite(value)) return;
    p->low = fmin(p->low, value);
    p->high = fmax(p->high, value);
}

/* All curves and the floor fit, up to a round number. */
static void fit(panel *p) {
    p->low = INFINITY, p->high = -INFINITY;
    widen(p, p->b->shared[0].outcome.figures.value[p->metric]);
    for (int i = 0; i < p->b->count; i++)
        for (int k = 0; k <= BALANCE_LOOKS; k++) {
            modes_summary s = p->b->entries[i].curve[k][p->metric];
            widen(p, s.mean - s.error);
            widen(p, s.mean + s.error);
        }
    if (!(p->low <= p->high)) p->low = p->high = 0; /* nothing is finite */
    p->step = round_step(fmax(p->high - p->low, 1e-6 * fmax(fabs(p->high), 1)));
    p->low = p->step * floor(p->low / p->step);
    p->high = fmax(p->step * ceil(p->high / p->step), p->low + p->step);
}

static double x_of(const panel *p, double look) {
    return p->left + (WIDTH - LEFT - RIGHT) * look / BALANCE_LOOKS;
}

static double y_of(const panel *p, double value) {
    return TOP + (HEIGHT - TOP - BOTTOM) * (p->high - value) / (p->high - p->low);
}

/* --- a panel --- */

static void draw_scales(const panel *p) {
    double budget = p->b->budget / 1e12, step = round_step(budget);
    double right = x_of(p, BALANCE_LOOKS), bottom = HEIGHT - BOTTOM;
    for (int i = 0; p->low + i * p->step <= p->high + p->step / 2; i++) {
        double value = p->low + i * p->step, y = y_of(p, value);
        fprintf(p->f, "<path d='M%.1f %.1fH%.1f' stroke='#ddd'/>\n", p->left, y, right);
        fprintf(p->f, "<text x='%.1f' y='%.1f' text-anchor='end'>%.6g</text>\n", p->left - 6, y + 4,
                fabs(value) < p->step / 2 ? 0 : value);
    }
    for (int i = 0; i * step <= budget * 1.0001; i++) {
        double x = x_of(p, BALANCE_LOOKS * i * step / budget);
        fprintf(p->f, "<path d='M%.1f %.1fv5' stroke='#666'/>\n", x, bottom);
        fprintf(p->f, "<text x='%.1f' y='%.1f' text-anchor='middle'>%.6g</text>\n", x, bottom + 18,
                i * step);
    }
    fprintf(p->f, "<rect x='%.1f' y='%d' width='%.1f' height='%.1f' fill='none' stroke='#666'/>\n",
            p->left, TOP, right - p->left, bottom - TOP);
    fprintf(p->f, "<text x='%.1f' y='%.1f' text-anchor='middle'>10^12 multiply-adds</text>\n",
            (p->left + right) / 2, bottom + 36);
}

/* 0 where there is no mean. */
static int is_known(const panel *p, const balance_entry *e, int k) {
    return isfinite(e->curve[k][p->metric].mean);
}

/* Out along the upper edge, back along the lower. */
static void draw_band(const panel *p, int i) {
    const balance_entry *e = &p->b->entries[i];
    fprintf(p->f, "<polygon fill='%s' fill-opacity='0.13' points='", colour(i));
    for (int k = 0; k <= BALANCE_LOOKS; k++) {
        modes_summary s = e->curve[k][p->metric];
        if (is_known(p, e, k)) fprintf(p->f, "%.1f,%.1f ", x_of(p, k), y_of(p, s.mean + s.error));
    }
    for (int k = BALANCE_LOOKS; k >= 0; k--) {
        modes_summary s = e->curve[k][p->metric];
        if (is_known(p, e, k)) fprintf(p->f, "%.1f,%.1f ", x_of(p, k), y_of(p, s.mean - s.error));
    }
    fprintf(p->f, "'/>\n");
}

static void draw_line(const panel *p, int i) {
    const balance_entry *e = &p->b->entries[i];
    fprintf(p->f,
            "<polyline fill='none' stroke='%s' stroke-width='1.6' stroke-dasharray='%s' points='",
            colour(i), dash(i));
    for (int k = 0; k <= BALANCE_LOOKS; k++)
        if (is_known(p, e, k))
            fprintf(p->f, "%.1f,%.1f ", x_of(p, k), y_of(p, e->curve[k][p->metric].mean));
    fprintf(p->f, "'/>\n");
}

static void draw_panel(panel *p) {
    double floor_value = p->b->shared[0].outcome.figures.value[p->metric];
    fit(p);
    fprintf(p->f, "<text x='%.1f' y='%d' font-weight='bold'>%s</text>\n", p->left, TOP - 8,
            p->b->q.setup.problem->metrics[p->metric].title);
    draw_scales(p);
    for (int i = 0; i < p->b->count; i++) draw_band(p, i);
    for (int i = 0; i < p->b->count; i++) draw_line(p, i);
    if (isfinite(floor_value))
        fprintf(p->f, "<path d='M%.1f %.1fH%.1f' stroke='#666' stroke-dasharray='1 3'/>\n", p->left,
                y_of(p, floor_value), x_of(p, BALANCE_LOOKS));
}

/* --- the picture --- */

static void draw_key(FILE *f, double x, int row, const char *name, const char *stroke,
                     const char *dasharray) {
    double y = TOP + 8 + ROW * row;
    fprintf(f, "<path d='M%.1f %.1fh26' stroke='%s' stroke-width='1.6' stroke-dasharray='%s'/>\n",
            x, y, stroke, dasharray);
    fprintf(f, "<text x='%.1f' y='%.1f'>%s</text>\n", x + 34, y + 4, name);
}

static void draw_legend(FILE *f, const balance *b, double x) {
    for (int i = 0; i < b->count; i++)
        draw_key(f, x, i, b->entries[i].policy->name, colour(i), dash(i));
    draw_key(f, x, b->count, "a perfect sampler", "#666", "1 3");
}

static void draw(FILE *f, const balance *b) {
    const modes_setup *m = &b->q.setup;
    int panels = 0, legend = TOP + ROW * (b->count + 2);
    while (m->problem->metrics[panels].name) panels++;
    int width = panels * WIDTH + LEGEND, height = legend > HEIGHT ? legend : HEIGHT;
    fprintf(f,
            "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' viewBox='0 0 %d %d' "
            "font-family='sans-serif' font-size='12'>\n<rect width='%d' height='%d' "
            "fill='white'/>\n",
            width, height, width, height, width, height);
    fprintf(
        f,
        "<text x='%d' y='22' font-size='14'>%s: %s; mean and standard error of %d seeds</text>\n",
        LEFT, m->problem->name, m->problem->title, b->q.seeds);
    for (int i = 0; i < panels; i++) {
        panel p = {.f = f, .b = b, .metric = i, .left = i * WIDTH + LEFT};
        draw_panel(&p);
    }
    draw_legend(f, b, panels * WIDTH + RIGHT);
    fprintf(f, "</svg>\n");
}

gan_status balance_draw(const balance *b, const char *path, gan_error *err) {
    FILE *f = fopen(path, "w");
    if (f) draw(f, b);
    int ok = f && !ferror(f);
    if (f && fclose(f)) ok = 0;
    return ok ? GAN_OK : cli_error(err, GAN_EIO, "cannot write %.300s: %s", path, strerror(errno));
}
