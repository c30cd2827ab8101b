/* SPDX-License-Identifier: MIT
 *
 * First- and second-order gradients of the pointwise operations, the shape operations, the matrix
 * products, softmax and attention, a row each; of a few the third as well. */
#include "gradcheck.h"

#include "gan/attention.h"
#include "gan/matmul.h"
#include "gan/softmax.h"

/* B(name, f of the tape t, the tensors x[] and the parameters p[]) */
#define B(name, expression)                                                                        \
    static gan_tensor *name(gan_tape *t, gan_tensor *const *x, const int *p) {                     \
        (void)p;                                                                                   \
        return expression;                                                                         \
    }

/* --- pointwise --- */

B(add, gan_add(t, x[0], x[1]))
B(sub, gan_sub(t, x[0], x[1]))
B(mul, gan_mul(t, x[0], x[1]))
B(quotient, gan_div(t, x[0], x[1]))
B(same_add, gan_add(t, x[0], x[0]))
B(same_sub, gan_sub(t, gan_square(t, x[0]), x[0]))
B(same_mul, gan_mul(t, x[0], x[0]))
B(same_div, gan_div(t, x[0], gan_affine(t, gan_square(t, x[0]), 1, 1)))
B(cube, gan_mul(t, x[0], gan_mul(t, x[0], x[0])))
B(affine, gan_affine(t, x[0], -1.5, 0.25))
B(scale, gan_scale(t, x[0], 3))
B(expo, gan_exp(t, x[0]))
B(logarithm, gan_log(t, x[0]))
B(root, gan_sqrt(t, x[0]))
B(inverse_root, gan_rsqrt(t, x[0]))
B(absolute, gan_abs(t, x[0]))
B(sign, gan_sign(t, x[0]))
B(signed_square, gan_mul(t, gan_sign(t, x[0]), gan_square(t, x[0])))
B(square, gan_square(t, x[0]))
B(tanh_, gan_tanh(t, x[0]))
B(sigmoid, gan_sigmoid(t, x[0]))
B(softplus, gan_softplus(t, x[0]))
B(gelu, gan_gelu(t, x[0]))
B(gelu_slope, gan_gelu_slope(t, x[0]))
B(relu, gan_relu(t, x[0]))
B(leaky, gan_leaky_relu(t, x[0], 0.2))
B(prelu, gan_prelu(t, x[0], x[1]))
B(prelu_product, gan_mul(t, gan_prelu(t, x[0], gan_tanh(t, x[1])), gan_exp(t, x[0])))
B(relu_cubed, gan_mul(t, gan_relu(t, x[0]), gan_square(t, x[0])))
B(leaky_product, gan_mul(t, gan_leaky_relu(t, x[0], 0.2), gan_tanh(t, x[1])))
B(clamp, gan_clamp(t, x[0], -1, 0.5))
B(clamp_product, gan_mul(t, gan_clamp(t, x[0], -1, 0.5), gan_exp(t, x[0])))
B(gate, gan_gate(t, x[0], gan_detach(t, x[1]), -1, 0.5, 0.3))
B(gate_square, gan_gate(t, gan_square(t, x[0]), gan_detach(t, x[1]), -1, 0.5, 0.3))
B(norm_of_rows, gan_sqrt(t, gan_sum(t, gan_square(t, x[0]), 2)))
B(detached, gan_mul(t, x[0], gan_detach(t, gan_full(t, 1, DIMS(4), 3))))

#define POSITIVE .lo = 0.5, .hi = 2
#define AT_ZERO .kinks = 1
#define AT_BOUNDS .kinks = 2, .kink = {-1, 0.5}

/* A binary operation on operands of every kind of shape. */
#define BINARY(f, domain, top)                                                                     \
    {#f " [2,3,4] [2,3,4]", f, 2, {{2, 3, 4}, {2, 3, 4}}, domain, .order = top},                   \
        {#f " [2,3,4] [4]", f, 2, {{2, 3, 4}, {4}}, domain},                                       \
        {#f " [4] [2,3,4]", f, 2, {{4}, {2, 3, 4}}, domain},                                       \
        {#f " [2,1,4] [1,3,1]", f, 2, {{2, 1, 4}, {1, 3, 1}}, domain},                             \
        {#f " [3,1] [2,1,4]", f, 2, {{3, 1}, {2, 1, 4}}, domain},                                  \
        {#f " [5] [1]", f, 2, {{5}, {1}}, domain}, {#f " [] [2,2]", f, 2, {{0}, {2, 2}}, domain},  \
    {                                                                                              \
#        f " [2,1,3,1,2] [2,1,3,1]", f, 2, {{2, 1, 3, 1, 2 }, {2, 1, 3, 1 } }, domain              \
    }

static const gradcheck_row pointwise[] = {
    BINARY(add, .lo = 0, 2),
    BINARY(sub, .lo = 0, 2),
    BINARY(mul, .lo = 0, 3),
    BINARY(quotient, POSITIVE, 3),
    {"add x x", same_add, 1, {{2, 3}}},
    {"sub x^2 x", same_sub, 1, {{2, 3}}},
    {"mul x x", same_mul, 1, {{2, 3}}},
    {"div x (1 + x^2)", same_div, 1, {{2, 3}}},
    {"mul x (x x)", cube, 1, {{2, 3}}, .order = 3},
    {"affine", affine, 1, {{2, 3}}},
    {"scale", scale, 1, {{2, 3}}},
    {"exp", expo, 1, {{2, 3}}, .order = 3},
    {"log", logarithm, 1, {{2, 3}}, POSITIVE, .order = 3},
    {"sqrt", root, 1, {{2, 3}}, POSITIVE, .order = 3},
    {"rsqrt", inverse_root, 1, {{2, 3}}, POSITIVE, .order = 3},
    {"abs", absolute, 1, {{3, 4}}, AT_ZERO},
    {"sign", sign, 1, {{3, 4}}, AT_ZERO},
    {"sign x^2", signed_square, 1, {{3, 4}}, AT_ZERO},
    {"square", square, 1, {{2, 3}}, .order = 3},
    {"tanh", tanh_, 1, {{2, 3}}, .order = 3},
    {"sigmoid", sigmoid, 1, {{2, 3}}, .order = 3},
    {"sigmoid far out", sigmoid, 1, {{6}}, -12, 12},
    {"softplus", softplus, 1, {{2, 3}}, .order = 3},
    {"softplus far out", softplus, 1, {{6}}, -12, 12},
    {"gelu", gelu, 1, {{2, 3}}, .order = 3},
    {"gelu far out", gelu, 1, {{6}}, -12, 12},
    {"gelu_slope", gelu_slope, 1, {{2, 3}}, .order = 3},
    {"relu", relu, 1, {{3, 4}}, AT_ZERO},
    {"relu x^2", relu_cubed, 1, {{3, 4}}, AT_ZERO, .order = 3},
    {"leaky_relu", leaky, 1, {{3, 4}}, AT_ZERO},
    {"leaky_relu tanh", leaky_product, 2, {{3, 4}, {3, 4}}, AT_ZERO, .order = 3},
    {"prelu", prelu, 2, {{3, 4}, {1}}, AT_ZERO},
    {"prelu, a number", prelu, 2, {{5}, {0}}, AT_ZERO},
    {"prelu exp", prelu_product, 2, {{3, 4}, {1}}, AT_ZERO, .order = 3},
    {"clamp", clamp, 1, {{3, 4}}, AT_BOUNDS},
    {"clamp exp", clamp_product, 1, {{3, 4}}, AT_BOUNDS, .order = 3},
    {"gate", gate, 2, {{3, 4}, {3, 4}}, AT_BOUNDS},
    {"gate x^2", gate_square, 2, {{3, 4}, {3, 4}}, AT_BOUNDS},
    {"sqrt of sum of squares", norm_of_rows, 1, {{3, 4}}, .order = 3},
    {"mul by a detached tensor", detached, 1, {{3, 4}}},
};

/* --- shape: each on the tanh of its operand, so that the second order is no zero --- */

#define Y gan_tanh(t, x[0])
static gan_tensor *concat(gan_tape *t, gan_tensor *const *x, const int *p) {
    gan_tensor *y[8];
    for (int i = 0; i < p[0]; i++) y[i] = gan_tanh(t, x[i % p[2]]);
    return gan_concat(t, p[0], y, p[1]);
}
static gan_tensor *to_shape(gan_tape *t, gan_tensor *x, const int *p,
                            gan_tensor *(*f)(gan_tape *, gan_tensor *, int, const int64_t *)) {
    int64_t dim[7];
    for (int i = 0; i < p[0]; i++) dim[i] = p[i + 1];
    return f(t, x, p[0], dim);
}
B(reshape, to_shape(t, Y, p, gan_reshape))
B(broadcast, to_shape(t, Y, p, gan_broadcast))
B(sum_to, to_shape(t, Y, p, gan_sum_to))
B(permute, gan_permute(t, Y, p))
B(slice, gan_slice(t, Y, p[0], p[1], p[2]))
B(pad, gan_pad(t, Y, p[0], p[1], p[2]))
B(sum, gan_sum(t, Y, (unsigned)p[0]))
B(mean, gan_mean(t, Y, (unsigned)p[0]))
B(sum_all, gan_sum_all(t, Y))
B(mean_all, gan_mean_all(t, Y))
B(linear_permute, gan_permute(t, x[0], p))
B(variance, gan_mean(t, gan_square(t, gan_sub(t, x[0], gan_mean(t, x[0], 5))), 5))
B(largest, gan_maxout(t, x[0], p[0]))
B(largest_product, gan_mul(t, gan_maxout(t, gan_tanh(t, x[0]), p[0]), gan_maxout(t, x[0], p[0])))

static const int rows_taken[] = {1, 0, 1, 3, 1};
B(taken, gan_embedding(t, Y, p[0], rows_taken))

/* Differences in each group, of 2 or 3, between an element and its neighbour around the group: the
 * kinks of a maxout. */
static gan_tensor *pairs(gan_tape *t, gan_tensor *const *x, const int *p) {
    int64_t dim[2] = {-1, p[0]};
    gan_tensor *y = gan_reshape(t, x[0], 2, dim);
    gan_tensor *parts[2] = {gan_slice(t, y, 1, 1, p[0] - 1), gan_slice(t, y, 1, 0, 1)};
    return gan_sub(t, y, gan_concat(t, 2, parts, 1));
}

static const gradcheck_row shapes[] = {
    {"maxout 1", largest, 1, {{2, 3}}, .p = {1}},
    {"maxout 2", largest, 1, {{6}}, .p = {2}, .inside = pairs},
    {"maxout 3", largest, 1, {{2, 2, 6}}, .p = {3}, .inside = pairs},
    {"maxout tanh, maxout", largest_product, 1, {{2, 6}}, .p = {3}, .order = 3, .inside = pairs},
    {"embedding, a row three times", taken, 1, {{4, 3}}, .p = {5}, .order = 3},
    {"embedding, a row once", taken, 1, {{2, 3}}, .p = {2}},
    {"reshape [2,6] to [3,4]", reshape, 1, {{2, 6}}, .p = {2, 3, 4}},
    {"reshape [2,6] to [2,-1,3]", reshape, 1, {{2, 6}}, .p = {3, 2, -1, 3}},
    {"reshape [1] to []", reshape, 1, {{1}}, .p = {0}},
    {"reshape [] to [1,1]", reshape, 1, {{0}}, .p = {2, 1, 1}},
    {"permute 1,0", permute, 1, {{3, 4}}, .p = {1, 0}, .order = 3},
    {"permute 2,0,1", permute, 1, {{2, 3, 4}}, .p = {2, 0, 1}},
    {"permute 0,3,1,2", permute, 1, {{2, 2, 3, 4}}, .p = {0, 3, 1, 2}},
    {"permute 4,1,3,0,2", permute, 1, {{2, 3, 1, 2, 2}}, .p = {4, 1, 3, 0, 2}},
    {"permute of x itself", linear_permute, 1, {{2, 3, 4}}, .p = {1, 2, 0}},
    {"slice axis 0", slice, 1, {{4, 3}}, .p = {0, 1, 2}},
    {"slice axis 1 of 3", slice, 1, {{2, 4, 3}}, .p = {1, 0, 3}},
    {"slice axis -1", slice, 1, {{2, 2, 5}}, .p = {-1, 3, 2}},
    {"slice everything", slice, 1, {{2, 3}}, .p = {1, 0, 3}},
    {"pad axis 0", pad, 1, {{2, 3}}, .p = {0, 1, 2}},
    {"pad axis 1 of 4", pad, 1, {{2, 2, 3, 2}}, .p = {1, 0, 2}},
    {"pad axis -1", pad, 1, {{2, 2, 3}}, .p = {-1, 2, 0}},
    {"concat 2, axis 0", concat, 2, {{2, 3}, {1, 3}}, .p = {2, 0, 2}},
    {"concat 3, axis 1", concat, 3, {{2, 1, 2}, {2, 3, 2}, {2, 2, 2}}, .p = {3, 1, 3}},
    {"concat 2, axis -1", concat, 2, {{2, 2, 1}, {2, 2, 3}}, .p = {2, -1, 2}},
    {"concat 8 of two tensors", concat, 2, {{2, 2}, {2, 3}}, .p = {8, 1, 2}},
    {"concat 1", concat, 1, {{2, 3}}, .p = {1, 0, 1}},
    {"broadcast [4] to [2,3,4]", broadcast, 1, {{4}}, .p = {3, 2, 3, 4}},
    {"broadcast [3,1] to [2,3,4]", broadcast, 1, {{3, 1}}, .p = {3, 2, 3, 4}, .order = 3},
    {"broadcast [2,1,3,1] to [2,2,3,2]", broadcast, 1, {{2, 1, 3, 1}}, .p = {4, 2, 2, 3, 2}},
    {"broadcast [] to [2,3]", broadcast, 1, {{0}}, .p = {2, 2, 3}},
    {"broadcast to itself", broadcast, 1, {{2, 3}}, .p = {2, 2, 3}},
    {"sum_to [2,3,4] to [4]", sum_to, 1, {{2, 3, 4}}, .p = {1, 4}},
    {"sum_to [2,3,4] to [3,1]", sum_to, 1, {{2, 3, 4}}, .p = {2, 3, 1}},
    {"sum_to [2,3,2,3] to [2,1,2,1]", sum_to, 1, {{2, 3, 2, 3}}, .p = {4, 2, 1, 2, 1}, .order = 3},
    {"sum_to [2,3] to []", sum_to, 1, {{2, 3}}, .p = {0}},
    {"sum_to itself", sum_to, 1, {{2, 3}}, .p = {2, 2, 3}},
    {"sum axis 0", sum, 1, {{3, 4}}, .p = {1}},
    {"sum axis 1", sum, 1, {{3, 4}}, .p = {2}},
    {"sum axes 0 and 2", sum, 1, {{2, 3, 4}}, .p = {5}},
    {"sum axes 1 and 3 of 5", sum, 1, {{2, 3, 1, 2, 2}}, .p = {10}},
    {"sum over no axis", sum, 1, {{2, 3}}, .p = {0}},
    {"mean axis 0", mean, 1, {{3, 4}}, .p = {1}},
    {"mean axes 1 and 2", mean, 1, {{2, 3, 4}}, .p = {6}, .order = 3},
    {"mean axes 0 and 3", mean, 1, {{3, 1, 2, 2}}, .p = {9}},
    {"sum_all", sum_all, 1, {{2, 3, 2}}},
    {"sum_all of []", sum_all, 1, {{0}}},
    {"mean_all", mean_all, 1, {{2, 3, 2}}},
    {"variance", variance, 1, {{2, 3, 2}}, .order = 3},
};

/* --- matmul, softmax --- */

B(matmul, gan_matmul(t, x[0], x[1], (unsigned)p[0]))
B(matmul_same, gan_matmul(t, x[0], x[0], (unsigned)p[0]))
B(matmul_tanh, gan_tanh(t, gan_matmul(t, gan_tanh(t, gan_matmul(t, x[0], x[1], 0)), x[2], 2)))

#define TA GAN_TRANSPOSE_A
#define TB GAN_TRANSPOSE_B

static const gradcheck_row products[] = {
    {"matmul", matmul, 2, {{2, 3}, {3, 4}}, .order = 3},
    {"matmul a^T", matmul, 2, {{3, 2}, {3, 4}}, .p = {TA}, .order = 3},
    {"matmul b^T", matmul, 2, {{2, 3}, {4, 3}}, .p = {TB}, .order = 3},
    {"matmul a^T b^T", matmul, 2, {{3, 2}, {4, 3}}, .p = {TA | TB}, .order = 3},
    {"matmul of a batch", matmul, 2, {{3, 2, 3}, {3, 3, 4}}},
    {"matmul of a batch, a^T", matmul, 2, {{3, 3, 2}, {3, 3, 4}}, .p = {TA}},
    {"matmul of a batch, b^T", matmul, 2, {{3, 2, 3}, {3, 4, 3}}, .p = {TB}},
    {"matmul of a batch, a^T b^T", matmul, 2, {{3, 3, 2}, {3, 4, 3}}, .p = {TA | TB}},
    {"matmul of a row and a column", matmul, 2, {{1, 5}, {5, 1}}},
    {"matmul of a column and a row", matmul, 2, {{3, 1}, {1, 4}}},
    {"matmul x x", matmul_same, 1, {{3, 3}}},
    {"matmul x x^T", matmul_same, 1, {{2, 3}}, .p = {TB}},
    {"matmul x^T x", matmul_same, 1, {{2, 2, 3}}, .p = {TA}},
    {"two layers", matmul_tanh, 3, {{2, 3}, {3, 4}, {2, 4}}, .order = 3},
};

static const int labels[] = {2, 0, 3};
B(softmax, gan_softmax(t, x[0]))
B(log_softmax, gan_log_softmax(t, x[0]))
B(binary, gan_binary_cross_entropy(t, x[0], p[0] / 10.0))
B(classes, gan_cross_entropy(t, x[0], labels))

static const gradcheck_row softmaxes[] = {
    {"softmax [5]", softmax, 1, {{5}}, .order = 3},
    {"softmax [3,4]", softmax, 1, {{3, 4}}, .order = 3},
    {"softmax [2,3,2]", softmax, 1, {{2, 3, 2}}},
    {"log_softmax [5]", log_softmax, 1, {{5}}, .order = 3},
    {"log_softmax [3,4]", log_softmax, 1, {{3, 4}}, .order = 3},
    {"log_softmax [2,3,2]", log_softmax, 1, {{2, 3, 2}}},
    {"binary_cross_entropy 0", binary, 1, {{3, 2}}, .p = {0}, .order = 3},
    {"binary_cross_entropy 1", binary, 1, {{6}}, .p = {10}, .order = 3},
    {"binary_cross_entropy 0.9", binary, 1, {{3, 2}}, .p = {9}, .order = 3},
    {"cross_entropy [3,4]", classes, 1, {{3, 4}}, .order = 3},
    {"cross_entropy [3,5]", classes, 1, {{3, 5}}, -5, 5},
};

/* --- attention: p[0] tenths are the scale --- */

B(attention, gan_attention(t, x[0], x[1], x[2], p[0] / 10.0))
B(attention_same, gan_attention(t, x[0], x[0], x[0], 0.5))
B(attention_twice, gan_attention(t, gan_attention(t, x[0], x[1], x[2], 0.5), x[1], x[2], -0.5))
B(self_attention, gan_self_attention(t, x[0], p[0] / 10.0))
B(self_attention_of, gan_self_attention(t, gan_tanh(t, x[0]), 0.5))
/* Of p[1] keys and p[2] queries, x[0] in the place p[0] and constants in the two others. */
static gan_tensor *attention_in(gan_tape *t, gan_tensor *const *x, const int *p) {
    gan_rng r = gan_rng_make(3, 1, 4);
    gan_tensor *in[3];
    for (int i = 0; i < 3; i++)
        in[i] = i == p[0] ? x[0] : random_input(t, &r, 3, DIMS(1, i ? p[1] : p[2], 2));
    return gan_attention(t, in[0], in[1], in[2], 0.7);
}

B(cut, gan_windows_cut(t, gan_tanh(t, x[0]), p[0]))
B(join, gan_windows_join(t, gan_tanh(t, x[0]), p[0], p[1], p[2]))

static const gradcheck_row attentions[] = {
    {"attention", attention, 3, {{2, 3, 4}, {2, 5, 4}, {2, 5, 3}}, .p = {5}, .order = 3},
    {"attention, one query", attention, 3, {{1, 1, 2}, {1, 7, 2}, {1, 7, 1}}, .p = {10}},
    {"attention, whole lines", attention, 3, {{1, 3, 8}, {1, 4, 8}, {1, 4, 8}}, .p = {3}},
    {"attention, D of whole lines", attention, 3, {{2, 2, 8}, {2, 3, 8}, {2, 3, 3}}, .p = {3}},
    {"attention, E of whole lines", attention, 3, {{2, 2, 3}, {2, 3, 3}, {2, 3, 8}}, .p = {-3}},
    {"attention, blocks of queries", attention, 3, {{1, 70, 1}, {1, 3, 1}, {1, 3, 2}}, .p = {7}},
    {"attention, tiles of keys", attention, 3, {{1, 2, 1}, {1, 133, 1}, {1, 133, 1}}, .p = {7}},
    {"attention, sharp", attention, 3, {{1, 3, 2}, {1, 4, 2}, {1, 4, 2}}, .p = {30}},
    {"attention to itself", attention_same, 1, {{2, 5, 3}}, .order = 3},
    {"attention twice", attention_twice, 3, {{1, 3, 2}, {1, 4, 2}, {1, 4, 2}}},
    {"self_attention", self_attention, 1, {{3, 2, 4, 3}}, .p = {5}, .order = 3},
    {"self_attention, whole lines", self_attention, 1, {{3, 1, 3, 8}}, .p = {10}},
    {"self_attention, one token", self_attention_of, 1, {{3, 2, 1, 2}}},
    {"self_attention of tanh", self_attention_of, 1, {{3, 1, 5, 2}}, .order = 3},
    {"attention, in q alone", attention_in, 1, {{1, 3, 2}}, .p = {0, 4, 3}},
    {"attention, in k alone", attention_in, 1, {{1, 4, 2}}, .p = {1, 4, 3}},
    {"attention, in v alone", attention_in, 1, {{1, 4, 2}}, .p = {2, 4, 3}},
    {"attention, one token, in v", attention_in, 1, {{1, 1, 2}}, .p = {2, 1, 1}},
    {"attention, one key, in v", attention_in, 1, {{1, 1, 2}}, .p = {2, 1, 5}},
    {"windows_cut", cut, 1, {{2, 4, 6, 2}}, .p = {2}},
    {"windows_join", join, 1, {{6, 4, 2}}, .p = {2, 4, 6}},
};

#define CHECK(rows)                                                                                \
    static void check_##rows(void **state) {                                                       \
        (void)state;                                                                               \
        gradcheck_run(#rows, rows, COUNT(rows));                                                   \
    }
CHECK(pointwise)
CHECK(shapes)
CHECK(products)
CHECK(softmaxes)
CHECK(attentions)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_pointwise),  cmocka_unit_test(check_shapes),
        cmocka_unit_test(check_products),   cmocka_unit_test(check_softmaxes),
        cmocka_unit_test(check_attentions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
