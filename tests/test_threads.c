/* SPDX-License-Identifier: MIT
 *
 * The same bits for any number of threads: each operation, its gradient and the gradient of its
 * recorded gradient, on shapes of many tiles. */
#include "support.h"

#include <stdlib.h>

#include "gan/attention.h"
#include "gan/conv2d.h"
#include "gan/matmul.h"
#include "gan/norm.h"
#include "gan/pointwise.h"
#include "gan/resample.h"
#include "gan/shape.h"
#include "gan/softmax.h"
#include "op/conv2d.h"
#include "op/norm.h"

enum { MOST = 4 };

typedef struct row {
    const char *name;
    gan_tensor *(*build)(gan_tape *t, gan_tensor *const *x);
    int n;
    int64_t dim[MOST][5]; /* each ended by a 0 */
} row;

#define B(name, expression)                                                                        \
    static gan_tensor *name(gan_tape *t, gan_tensor *const *x) {                                   \
        return expression;                                                                         \
    }

B(pointwise, gan_mul(t, gan_tanh(t, x[0]), gan_softplus(t, gan_leaky_relu(t, x[0], 0.2))))
B(quotient, gan_div(t, x[0], gan_affine(t, gan_square(t, x[1]), 1, 1)))
B(product, gan_mul(t, x[0], x[1]))
B(moved, gan_permute(t, gan_tanh(t, x[0]), (const int[]){2, 0, 3, 1}))
B(cut, gan_pad(t, gan_slice(t, gan_tanh(t, x[0]), 2, 3, 20), 1, 2, 2))
B(joined, gan_concat(t, 2, (gan_tensor *[]){gan_exp(t, x[0]), x[1]}, -1))
B(sum_of_rows, gan_sum(t, gan_square(t, x[0]), 1))
B(sum_of_columns, gan_mean(t, gan_square(t, x[0]), 2))
B(sum_of_all, gan_mean_all(t, gan_square(t, x[0])))
static const int taken[] = {3, 900, 3, 17, 3, 900, 0, 55};
B(embedding, gan_embedding(t, gan_square(t, x[0]), COUNT(taken), taken))
B(matmul, gan_matmul(t, x[0], x[1], 0))
B(matmul_both, gan_matmul(t, x[0], x[1], GAN_TRANSPOSE_A | GAN_TRANSPOSE_B))
B(conv, gan_tanh(t, gan_conv2d(t, x[0], x[1], gan_window_square(2, 1))))
B(conv_same, gan_tanh(t, gan_conv2d(t, x[0], x[1], gan_window_square(1, 0))))
B(conv3, gan_tanh(t, gan_conv2d(t, x[0], x[1], gan_window_square(1, 1))))
B(conv_ends, gan__conv2d_leaky(t, x[0], x[1], x[2], gan_window_square(2, 1), 0.2))
B(transposed, gan_tanh(t, gan_conv_transpose2d(t, x[0], x[1], gan_window_square(2, 1), 0)))
B(resampled, gan_average_pool(t, gan_square(t, gan_upsample_nearest(t, x[0], 6)), 3))
B(resized, gan_resize_bilinear(t, gan_square(t, x[0]), 70, 45))
B(pooled, gan_max_pool(t, gan_square(t, x[0]), 3, 2, 1))
B(framed, gan_pad_image(t, gan_square(t, x[0]), 3, 9, 20, 0, GAN_PAD_REFLECT))
static const double turns[5 * 6] = {0.8, -0.6, 0.1, 0.6, 0.8, -0.2, 2, 0, 0, 0, 2, 0, -1, 0, 0,
                                    0,   1,    0,   1,   0,   0,    0, 1, 0, 0, 1, 0, 1,  0, 0};
B(turned, gan_sample_affine(t, gan_square(t, x[0]), turns))
B(batch, gan_batch_norm(t, x[0], x[1], x[2], 1e-5, NULL, NULL))
B(layer, gan_group_norm(t, x[0], 1, x[1], x[2], 1e-5))
B(group, gan_group_norm(t, x[0], 4, x[1], x[2], 1e-5))
B(instance, gan_group_norm(t, x[0], 16, x[1], x[2], 1e-5))
B(batch_relu, gan__batch_norm_leaky(t, x[0], x[1], x[2], 1e-5, 0, NULL, NULL))
B(group_leaky, gan__group_norm_leaky(t, x[0], 4, x[1], x[2], 1e-5, 0.2))
B(fixed_leaky, gan__batch_norm_fixed_leaky(t, x[0], x[1], x[2], 1e-5, 0.2, x[2], gan_abs(t, x[3])))
B(largest, gan_maxout(t, x[0], 5))
B(soft, gan_softmax(t, x[0]))
B(log_soft, gan_log_softmax(t, x[0]))

B(attention, gan_attention(t, x[0], x[1], x[2], 0.3))
B(self_attention, gan_self_attention(t, x[0], 0.3))

static const row rows[] = {
    {"pointwise", pointwise, 1, {{7, 30001}}},
    {"division", quotient, 2, {{90, 1001}, {1001}}},
    {"mul by a column", product, 2, {{1000, 70}, {1000, 1}}},
    {"mul of row and column", product, 2, {{300, 1}, {400}}},
    {"permute", moved, 1, {{8, 30, 20, 25}}},
    {"slice, pad", cut, 1, {{10, 40, 30, 20}}},
    {"concat", joined, 2, {{1000, 33}, {1000, 70}}},
    {"sum axis 0", sum_of_rows, 1, {{5000, 37}}},
    {"mean axis 1", sum_of_columns, 1, {{37, 5000}}},
    {"mean of all", sum_of_all, 1, {{300, 700}}},
    {"embedding", embedding, 1, {{1000, 3000}}},
    {"matmul", matmul, 2, {{500, 300}, {300, 700}}},
    {"matmul of a column", matmul, 2, {{900, 300}, {300, 1}}},
    {"matmul of a row", matmul, 2, {{1, 300}, {300, 1500}}},
    {"matmul of a batch, both transposed", matmul_both, 2, {{5, 60, 70}, {5, 40, 60}}},
    {"conv2d 3 channels", conv, 2, {{16, 32, 32, 3}, {24, 4, 4, 3}}},
    {"conv2d 48 channels", conv, 2, {{12, 16, 16, 48}, {40, 4, 4, 48}}},
    {"conv2d 300 channels", conv, 2, {{9, 8, 8, 300}, {20, 4, 4, 300}}},
    {"winograd, panels first", conv, 2, {{9, 32, 32, 24}, {40, 4, 4, 24}}},
    {"winograd, images first", conv, 2, {{24, 8, 8, 160}, {260, 4, 4, 160}}},
    {"winograd 3x3, own products", conv3, 2, {{5, 24, 20, 40}, {32, 3, 3, 40}}},
    {"conv2d with bias and leaky", conv_ends, 3, {{9, 16, 16, 48}, {40, 4, 4, 48}, {40}}},
    {"conv2d 1x1, few jobs", conv_same, 2, {{9, 33, 32, 40}, {8, 1, 1, 40}}},
    {"conv2d to 1x1, one image a row", conv_same, 2, {{150, 4, 4, 40}, {1, 4, 4, 40}}},
    {"conv_transpose2d to 3", transposed, 2, {{17, 16, 16, 24}, {24, 4, 4, 3}}},
    {"conv_transpose2d, ranges", transposed, 2, {{6, 8, 8, 30}, {30, 4, 4, 260}}},
    {"conv2d 3x3, 8 channels to 3", conv3, 2, {{9, 28, 27, 8}, {3, 3, 3, 8}}},
    {"conv2d 3x3, 40 channels to 3, bands", conv3, 2, {{2, 70, 40, 40}, {3, 3, 3, 40}}},
    {"conv2d 4x4, 40 channels to 3", conv, 2, {{2, 70, 40, 40}, {3, 4, 4, 40}}},
    {"conv2d 4x4, 3 channels to 4", conv, 2, {{9, 28, 28, 3}, {4, 4, 4, 3}}},
    {"conv2d 7x7, 3 channels to 2", conv_same, 2, {{3, 40, 41, 3}, {2, 7, 7, 3}}},
    {"resampling", resampled, 1, {{4, 12, 12, 9}}},
    {"resize_bilinear", resized, 1, {{3, 50, 61, 7}}},
    {"sample_affine", turned, 1, {{5, 70, 80, 3}}},
    {"max_pool", pooled, 1, {{3, 20, 21, 700}}},
    {"pad_image", framed, 1, {{5, 30, 40, 16}}},
    {"batch_norm", batch, 3, {{40, 20, 20, 16}, {16}, {16}}},
    {"batch_norm [n,c]", batch, 3, {{900, 160}, {160}, {160}}},
    {"layer_norm", layer, 3, {{7, 60, 60, 16}, {16}, {16}}},
    {"layer_norm of many rows", layer, 3, {{5000, 33}, {33}, {33}}},
    {"group_norm", group, 3, {{7, 60, 60, 16}, {16}, {16}}},
    {"instance_norm", instance, 3, {{5, 60, 60, 16}, {16}, {16}}},
    {"batch_norm, relu", batch_relu, 3, {{40, 20, 20, 16}, {16}, {16}}},
    {"layer_norm of rows, leaky", group_leaky, 3, {{300, 320}, {320}, {320}}},
    {"group_norm, leaky", group_leaky, 3, {{7, 60, 60, 16}, {16}, {16}}},
    {"batch_norm_fixed, leaky", fixed_leaky, 4, {{40, 20, 20, 16}, {16}, {16}, {16}}},
    {"maxout", largest, 1, {{100, 1000}}},
    {"softmax", soft, 1, {{3000, 41}}},
    {"log_softmax", log_soft, 1, {{40, 3001}}},
    {"self_attention", self_attention, 1, {{3, 5, 150, 20}}},
    {"attention, many sequences", attention, 3, {{20, 150, 9}, {20, 140, 9}, {20, 140, 20}}},
    {"attention, ranges of keys", attention, 3, {{2, 200, 16}, {2, 700, 16}, {2, 700, 16}}},
};

/* What a run gave: the value, gradients, and gradients of the squared sum of recorded gradients. */
typedef struct results {
    int n;
    size_t bytes[2 * MOST + 1];
    void *data[2 * MOST + 1];
} results;

static void keep(results *q, const gan_tensor *x) {
    size_t bytes = (size_t)gan_tensor_size(x) * sizeof(gan_real);
    q->bytes[q->n] = bytes;
    q->data[q->n] = malloc(bytes);
    assert_non_null(q->data[q->n]);
    memcpy(q->data[q->n++], gan_tensor_data(x), bytes);
}

static gan_tensor *squared_sum(gan_tape *t, int n, gan_tensor *const *g) {
    gan_tensor *sum = NULL;
    for (int i = 0; i < n; i++) {
        gan_tensor *s = gan_sum_all(t, gan_square(t, g[i]));
        sum = sum ? gan_add(t, sum, s) : s;
    }
    return sum;
}

static results run(const row *w, int threads) {
    gan_tape *t = gan_tape_create(threads);
    gan_rng r = gan_rng_make(8, 1, 0);
    gan_tensor *x[MOST], *g[MOST], *gg[MOST];
    results q = {0};
    for (int i = 0; i < w->n; i++) {
        int rank = 0;
        while (w->dim[i][rank]) rank++;
        x[i] = random_input(t, &r, rank, w->dim[i]);
    }
    gan_tensor *y = w->build(t, x);
    assert_tape_ok(t);
    gan_tensor *seed = random_input(t, &r, gan_tensor_rank(y),
                                    (int64_t[]){gan_tensor_dim(y, 0), gan_tensor_dim(y, 1),
                                                gan_tensor_dim(y, 2), gan_tensor_dim(y, 3)});
    keep(&q, y);
    gan_grad(t, y, seed, w->n, x, g, GAN_GRAD_KEEP);
    for (int i = 0; i < w->n; i++) keep(&q, g[i]);
    gan_grad(t, y, seed, w->n, x, g, GAN_GRAD_RECORD);
    gan_grad(t, squared_sum(t, w->n, g), NULL, w->n, x, gg, 0);
    assert_tape_ok(t);
    for (int i = 0; i < w->n; i++) keep(&q, gg[i]);
    gan_tape_free(t);
    return q;
}

static void drop(results *q) {
    for (int i = 0; i < q->n; i++) free(q->data[i]);
}

static void same_bits(void **state) {
    static const int threads[] = {2, 3, 5};
    (void)state;
    for (int i = 0; i < COUNT(rows); i++) {
        results one = run(rows + i, 1);
        for (int k = 0; k < COUNT(threads); k++) {
            results more = run(rows + i, threads[k]);
            for (int j = 0; j < one.n; j++)
                if (memcmp(one.data[j], more.data[j], one.bytes[j]))
                    fail_msg("%s: result %d differs with %d threads", rows[i].name, j, threads[k]);
            drop(&more);
        }
        drop(&one);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_bits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
