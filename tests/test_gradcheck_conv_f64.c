/* SPDX-License-Identifier: MIT
 *
 * First- and second-order gradients of the convolution family and of normalisation. The three
 * members of the family are checked on each geometry of one table. */
#include "gradcheck.h"

#include "gan/conv2d.h"
#include "gan/norm.h"
#include "gan/pointwise.h"
#include "op/conv2d.h"
#include "op/norm.h"

/* --- convolution: p is the window, then two sizes --- */

static gan_window window(const int *p) {
    return (gan_window){p[0], p[1], p[2], p[3]};
}

static gan_tensor *conv(gan_tape *t, gan_tensor *const *x, const int *p) {
    return gan_conv2d(t, x[0], x[1], window(p));
}

static gan_tensor *conv_input(gan_tape *t, gan_tensor *const *x, const int *p) {
    return gan_conv2d_input(t, x[0], x[1], window(p), p[4], p[5]);
}

static gan_tensor *conv_weight(gan_tape *t, gan_tensor *const *x, const int *p) {
    return gan_conv2d_weight(t, x[0], x[1], window(p), p[4], p[5]);
}

static gan_tensor *transposed(gan_tape *t, gan_tensor *const *x, const int *p) {
    return gan_conv_transpose2d(t, x[0], x[1], window(p), p[4]);
}

/* Two layers, so that the second order is no zero. */
static gan_tensor *conv_tanh(gan_tape *t, gan_tensor *const *x, const int *p) {
    gan_tensor *y = gan_tanh(t, gan_conv2d(t, x[0], x[1], window(p)));
    return gan_tanh(t, gan_conv_transpose2d(t, y, x[1], window(p), 0));
}

typedef struct geometry {
    const char *name;
    int n, h, w, c, k, kh, kw, sh, sw, ph, pw, order;
} geometry;

static const geometry geometries[] = {
    {"3x3", 2, 4, 5, 3, 2, 3, 3, 1, 1, 1, 1, 3},
    {"4x4 stride 2 pad 1", 2, 6, 6, 3, 2, 4, 4, 2, 2, 1, 1, 0},
    {"4x4 stride 1 pad 0 to 1x1", 2, 4, 4, 3, 2, 4, 4, 1, 1, 0, 0, 0},
    {"1x1", 2, 3, 2, 3, 4, 1, 1, 1, 1, 0, 0, 0},
    {"1x1 stride 2", 1, 5, 4, 2, 3, 1, 1, 2, 2, 0, 0, 0},
    {"5x5 stride 2 pad 2", 1, 5, 5, 2, 2, 5, 5, 2, 2, 2, 2, 0},
    {"3x2 stride 2x1 pad 1x0", 2, 5, 4, 2, 3, 3, 2, 2, 1, 1, 0, 0},
    {"2x4 stride 1x3 pad 0x2", 1, 3, 7, 3, 2, 2, 4, 1, 3, 0, 2, 0},
    {"1x3 pad 0x1", 2, 2, 4, 2, 2, 1, 3, 1, 1, 0, 1, 0},
    {"stride above the kernel", 1, 7, 8, 2, 2, 2, 2, 3, 4, 0, 1, 0},
    {"3x3 stride 2, a row left over", 1, 6, 6, 2, 2, 3, 3, 2, 2, 0, 0, 0},
    {"pad above the kernel", 1, 2, 3, 2, 2, 2, 2, 1, 2, 3, 2, 0},
    {"1 channel to 1", 2, 5, 5, 1, 1, 3, 3, 2, 2, 1, 1, 3},
    {"1 channel to 3", 1, 4, 4, 1, 3, 2, 2, 2, 2, 0, 0, 0},
    {"3 channels to 1", 2, 4, 4, 3, 1, 4, 4, 2, 2, 1, 1, 0},
    {"40 channels to 2", 1, 3, 4, 40, 2, 2, 3, 2, 1, 1, 1, 0},
    {"2 channels to 40", 1, 4, 3, 2, 40, 2, 2, 2, 1, 1, 0, 0},
    {"40 channels 1x1", 1, 2, 3, 40, 3, 1, 1, 1, 1, 0, 0, 0},
};

enum { MEMBERS = 3 };

static int64_t extent(int size, int kernel, int stride, int pad) {
    return (size + 2 * pad - kernel) / stride + 1;
}

/* The row of one member: its two operands are those of x, w, y that it does not compute. */
static gradcheck_row member_row(const geometry *g, int member, char *name, size_t size) {
    static const char *const names[MEMBERS] = {"conv2d_input", "conv2d_weight", "conv2d"};
    gan_tensor *(*const build[MEMBERS])(gan_tape *, gan_tensor *const *,
                                        const int *) = {conv_input, conv_weight, conv};
    const int sizes[MEMBERS][2] = {{g->h, g->w}, {g->kh, g->kw}, {0, 0}};
    const int64_t dim[MEMBERS][4] = {
        {g->n, g->h, g->w, g->c},
        {g->k, g->kh, g->kw, g->c},
        {g->n, extent(g->h, g->kh, g->sh, g->ph), extent(g->w, g->kw, g->sw, g->pw), g->k}};
    snprintf(name, size, "%s %s", names[member], g->name);
    gradcheck_row row = {.name = name, .build = build[member], .n = 2, .order = g->order};
    memcpy(row.p, (const int[]){g->sh, g->sw, g->ph, g->pw, sizes[member][0], sizes[member][1]},
           6 * sizeof(int));
    memcpy(row.dim[0], dim[member == 0 ? 2 : 0], sizeof dim[0]);
    memcpy(row.dim[1], dim[member == 1 ? 2 : 1], sizeof dim[0]);
    return row;
}

static void check_family(void **state) {
    static gradcheck_row rows[COUNT(geometries) * MEMBERS];
    static char names[COUNT(rows)][64];
    (void)state;
    for (int i = 0; i < COUNT(rows); i++)
        rows[i] = member_row(geometries + i / MEMBERS, i % MEMBERS, names[i], sizeof names[i]);
    gradcheck_run("convolutions", rows, COUNT(rows));
}

static const gradcheck_row others[] = {
    {"conv_transpose2d 4x4 stride 1 from 1x1",
     transposed,
     2,
     {{2, 1, 1, 3}, {3, 4, 4, 2}},
     .p = {1, 1, 0, 0, 0}},
    {"conv_transpose2d 4x4 stride 2 pad 1",
     transposed,
     2,
     {{2, 2, 3, 3}, {3, 4, 4, 2}},
     .p = {2, 2, 1, 1, 0}},
    {"conv_transpose2d 3x3 stride 2 pad 1 output 1",
     transposed,
     2,
     {{1, 3, 2, 2}, {2, 3, 3, 3}},
     .p = {2, 2, 1, 1, 1}},
    {"conv_transpose2d 5x5 stride 3x2 output 1",
     transposed,
     2,
     {{1, 2, 2, 2}, {2, 5, 5, 1}},
     .p = {3, 2, 2, 1, 1}},
    {"conv_transpose2d 40 channels",
     transposed,
     2,
     {{1, 2, 2, 2}, {2, 2, 2, 40}},
     .p = {2, 2, 0, 0, 0}},
    {"conv and conv_transpose2d, one weight",
     conv_tanh,
     2,
     {{1, 4, 4, 2}, {2, 4, 4, 2}},
     .p = {2, 2, 1, 1},
     .order = 3},
};

/* --- with a bias and a leaky ReLU, of slope p[2] / 10, by the way of computing p[3] --- */

static gan_tensor *conv_leaky(gan_tape *t, gan_tensor *const *x, const int *p) {
    gan_tape_conv(t, (gan_conv_method)p[3]);
    return gan__conv2d_leaky(t, x[0], x[1], x[2], gan_window_square(p[0], p[1]), p[2] / 10.0);
}

/* What goes into the ReLU. */
static gan_tensor *conv_bias(gan_tape *t, gan_tensor *const *x, const int *p) {
    return gan_add(t, gan_conv2d(t, x[0], x[1], gan_window_square(p[0], p[1])), x[2]);
}

static gan_tensor *conv_by(gan_tape *t, gan_tensor *const *x, const int *p) {
    gan_tape_conv(t, (gan_conv_method)p[3]);
    return gan_tanh(t, gan_conv2d(t, gan_tanh(t, x[0]), x[1], gan_window_square(p[0], p[1])));
}

#define THREE                                                                                      \
    {                                                                                              \
        {2, 3, 3, 2}, {3, 3, 3, 2}, {                                                              \
            3                                                                                      \
        }                                                                                          \
    }
#define FOUR                                                                                       \
    {                                                                                              \
        {2, 4, 6, 2}, {3, 4, 4, 2}, {                                                              \
            3                                                                                      \
        }                                                                                          \
    }
#define LEAKY_CONV(name, shapes, ...)                                                              \
    { name, conv_leaky, 3, shapes, .p = {__VA_ARGS__}, .inside = conv_bias }

static const gradcheck_row endings[] = {
    {"direct 3x3, bias", conv_leaky, 3, THREE, .p = {1, 1, 10, 1}},
    LEAKY_CONV("direct 3x3, bias, ReLU", THREE, 1, 1, 0, 1),
    LEAKY_CONV("direct 4x4 stride 2, bias, leaky", FOUR, 2, 1, 2, 1),
    {"winograd 3x3, bias", conv_leaky, 3, THREE, .p = {1, 1, 10, 2}},
    LEAKY_CONV("winograd 3x3, bias, ReLU", THREE, 1, 1, 0, 2),
    LEAKY_CONV("winograd 4x4 stride 2, bias, leaky", FOUR, 2, 1, 2, 2),
    {"winograd 3x3", conv_by, 2, {{1, 6, 4, 2}, {2, 3, 3, 2}}, .p = {1, 1, 0, 2}, .order = 3},
    {"winograd 4x4 stride 2, pad 2",
     conv_by,
     2,
     {{2, 5, 4, 2}, {2, 4, 4, 2}},
     .p = {2, 2, 0, 2},
     .order = 3},
};

/* --- normalisation: p[0] groups, p[1] whether there are gamma and beta --- */

#define GAMMA (p[1] ? x[1] : NULL)
#define BETA (p[1] ? x[2] : NULL)

static gan_tensor *batch(gan_tape *t, gan_tensor *const *x, const int *p) {
    return gan_batch_norm(t, x[0], GAMMA, BETA, 1e-2, NULL, NULL);
}

static gan_tensor *group(gan_tape *t, gan_tensor *const *x, const int *p) {
    return gan_group_norm(t, x[0], p[0], GAMMA, BETA, 1e-2);
}

/* The statistics are the last two tensors. */
static gan_tensor *fixed(gan_tape *t, gan_tensor *const *x, const int *p) {
    gan_tensor *const *s = x + (p[1] ? 3 : 1);
    return gan_batch_norm_fixed(t, x[0], GAMMA, BETA, 1e-2, s[0], s[1]);
}

/* The same with a leaky ReLU behind, of slope p[2] / 10. */
#define SLOPE (p[2] / 10.0)

static gan_tensor *batch_leaky(gan_tape *t, gan_tensor *const *x, const int *p) {
    return gan__batch_norm_leaky(t, x[0], GAMMA, BETA, 1e-2, SLOPE, NULL, NULL);
}

static gan_tensor *group_leaky(gan_tape *t, gan_tensor *const *x, const int *p) {
    return gan__group_norm_leaky(t, x[0], p[0], GAMMA, BETA, 1e-2, SLOPE);
}

static gan_tensor *fixed_leaky(gan_tape *t, gan_tensor *const *x, const int *p) {
    gan_tensor *const *s = x + (p[1] ? 3 : 1);
    return gan__batch_norm_fixed_leaky(t, x[0], GAMMA, BETA, 1e-2, SLOPE, s[0], s[1]);
}

/* As in a network: between two nonlinear layers. */
static gan_tensor *batch_tanh(gan_tape *t, gan_tensor *const *x, const int *p) {
    gan_tensor *y = gan_batch_norm(t, gan_square(t, x[0]), GAMMA, BETA, 1e-2, NULL, NULL);
    return gan_tanh(t, y);
}

#define PLAIN(name, f, groups, ...)                                                                \
    {                                                                                              \
        name, f, 1, {{__VA_ARGS__}}, .p = { groups, 0 }                                            \
    }
#define AFFINE(name, f, groups, c, ...)                                                            \
    {                                                                                              \
        name ", gamma and beta", f, 3, {{__VA_ARGS__}, {c}, {c}}, .p = { groups, 1 }               \
    }

static const gradcheck_row norms[] = {
    PLAIN("batch_norm [5,3]", batch, 0, 5, 3),
    PLAIN("batch_norm [2,3,2,3]", batch, 0, 2, 3, 2, 3),
    AFFINE("batch_norm [5,3]", batch, 0, 3, 5, 3),
    AFFINE("batch_norm [2,3,2,3]", batch, 0, 3, 2, 3, 2, 3),
    AFFINE("batch_norm [4,1]", batch, 0, 1, 4, 1),
    AFFINE("batch_norm [2,3,2] of rank 3", batch, 0, 2, 2, 3, 2),
    PLAIN("layer_norm [3,5]", group, 1, 3, 5),
    AFFINE("layer_norm [3,5]", group, 1, 5, 3, 5),
    AFFINE("layer_norm [2,2,3,2]", group, 1, 2, 2, 2, 3, 2),
    PLAIN("layer_norm [2,2,3,2]", group, 1, 2, 2, 3, 2),
    AFFINE("group_norm 2 [3,6]", group, 2, 6, 3, 6),
    AFFINE("group_norm 2 [2,2,2,4]", group, 2, 4, 2, 2, 2, 4),
    PLAIN("group_norm 2 [2,2,2,4]", group, 2, 2, 2, 2, 4),
    AFFINE("instance_norm [2,3,2,3]", group, 3, 3, 2, 3, 2, 3),
    PLAIN("instance_norm [2,3,2,3]", group, 3, 2, 3, 2, 3),
    {"batch_norm_fixed [4,3]", fixed, 3, {{4, 3}, {3}, {3}}, .lo = 0.5, .hi = 2, .p = {0, 0}},
    {"batch_norm_fixed [2,2,2,3], gamma and beta",
     fixed,
     5,
     {{2, 2, 2, 3}, {3}, {3}, {3}, {3}},
     .lo = 0.5,
     .hi = 2,
     .p = {0, 1}},
    {"batch_norm third order", batch_tanh, 3, {{4, 2}, {2}, {2}}, .p = {0, 1}, .order = 3},
    {"group_norm third order", group, 3, {{2, 3, 4}, {4}, {4}}, .p = {2, 1}, .order = 3},
};

/* f with the slopes 0 and 0.2 */
#define LEAKY(name, f, groups, c, ...)                                                             \
    {name ", relu", f##_leaky, 3, {{__VA_ARGS__}, {c}, {c}}, .p = {groups, 1, 0}, .inside = f}, {  \
        name ", leaky", f##_leaky, 3, {{__VA_ARGS__}, {c}, {c}}, .p = {groups, 1, 2}, .inside = f  \
    }
#define FIXED .lo = 0.3, .hi = 2, .inside = fixed

static const gradcheck_row leaky_norms[] = {
    LEAKY("batch_norm [5,3]", batch, 0, 3, 5, 3),
    LEAKY("batch_norm [2,3,2,3]", batch, 0, 3, 2, 3, 2, 3),
    LEAKY("layer_norm [3,5]", group, 1, 5, 3, 5),
    LEAKY("layer_norm [2,2,3,2]", group, 1, 2, 2, 2, 3, 2),
    LEAKY("group_norm 2 [2,2,2,4]", group, 2, 4, 2, 2, 2, 4),
    LEAKY("instance_norm [2,3,2,3]", group, 3, 3, 2, 3, 2, 3),
    {"batch_norm, no gamma, relu", batch_leaky, 1, {{5, 3}}, .p = {0, 0, 0}, .inside = batch},
    {"layer_norm, no gamma, leaky", group_leaky, 1, {{4, 3}}, .p = {1, 0, 2}, .inside = group},
    {"batch_norm_fixed, leaky", fixed_leaky, 3, {{4, 3}, {3}, {3}}, FIXED, .p = {0, 0, 2}},
    {"batch_norm_fixed, gamma and beta, relu",
     fixed_leaky,
     5,
     {{2, 2, 2, 3}, {3}, {3}, {3}, {3}},
     FIXED,
     .p = {0, 1, 0}},
    {"batch_norm_fixed, gamma and beta, leaky",
     fixed_leaky,
     5,
     {{4, 3}, {3}, {3}, {3}, {3}},
     FIXED,
     .p = {0, 1, 2},
     .order = 3},
    {"batch_norm third order, leaky",
     batch_leaky,
     3,
     {{4, 2}, {2}, {2}},
     .p = {0, 1, 2},
     .order = 3,
     .inside = batch},
};

#define CHECK(rows)                                                                                \
    static void check_##rows(void **state) {                                                       \
        (void)state;                                                                               \
        gradcheck_run(#rows, rows, COUNT(rows));                                                   \
    }
CHECK(others)
CHECK(endings)
CHECK(norms)
CHECK(leaky_norms)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_family),      cmocka_unit_test(check_others),
        cmocka_unit_test(check_endings),     cmocka_unit_test(check_norms),
        cmocka_unit_test(check_leaky_norms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
