/* SPDX-License-Identifier: MIT
 *
 * A head is a sequence of its own for gan_self_attention: [N,T,3,heads,D] becomes
 * [3,N*heads,T,D]. */
#include <math.h>

#include "gan/attention.h"
#include "gan/layer.h"
#include "gan/matmul.h"
#include "gan/pointwise.h"
#include "gan/shape.h"
#include "nn/internal.h"
#include "tensor/internal.h"

typedef struct state {
    int64_t heads;
} state;

enum { WEIGHT, BIAS };

/* x, used up, read as `view`, with its axes in another order. */
static gan_tensor *turn(gan_tape *t, gan_tensor *x, int rank, const int64_t *view,
                        const int *order) {
    gan_tensor *same = gan__shaped(t, x, rank, view), *y = gan_permute(t, same, order);
    gan__used(t, same);
    return y;
}

/* [N,T,E] to [3,N,heads,T,D]: queries, keys, values. */
static gan_tensor *project(gan_tape *t, gan_module *m, gan_tensor *x, int64_t heads) {
    const int64_t n = x->dim[0], tokens = x->dim[1], e = x->dim[2];
    gan_tensor *rows = gan_reshape(t, x, 2, (int64_t[]){n * tokens, e});
    gan_tensor *plain = gan_matmul(t, rows, gan_module_parameter(m, WEIGHT), GAN_TRANSPOSE_B);
    gan__used(t, rows);
    gan_tensor *y = gan__plus(t, plain, gan_module_parameter(m, BIAS));
    return turn(t, y, 5, (int64_t[]){n, tokens, 3, heads, e / heads}, (const int[]){2, 0, 3, 1, 4});
}

/* [N*T,E]: the heads' results side by side. */
static gan_tensor *attend(gan_tape *t, gan_tensor *all) {
    if (!all) return NULL;
    const int64_t n = all->dim[1], heads = all->dim[2], tokens = all->dim[3], d = all->dim[4];
    gan_tensor *x = gan__shaped(t, all, 4, (int64_t[]){3, n * heads, tokens, d});
    gan_tensor *y = gan_self_attention(t, x, 1 / sqrt((double)d));
    gan__used(t, x);
    gan_tensor *z = turn(t, y, 4, (int64_t[]){n, heads, tokens, d}, (const int[]){0, 2, 1, 3});
    return gan__shaped(t, z, 2, (int64_t[]){n * tokens, heads * d});
}

static gan_tensor *forward(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    const state *s = gan_module_state(m);
    int64_t e = gan_tensor_dim(gan_module_parameter(m, WEIGHT), 1);
    char text[96];
    if (!x) return NULL;
    if (x->rank != 3 || x->dim[2] != e || !x->size)
        return gan__op_fail(t, GAN_ESHAPE, "multi_head_attention", "x is %s, not [N,T,%lld]",
                            gan__shape_text(x, text), (long long)e);
    gan_tensor *y = attend(t, project(t, m, x, s->heads));
    gan_tensor *z = gan_module_forward(t, gan_module_child(m, 0), y, pass);
    gan__used(t, y);
    return gan__shaped(t, z, 3, x->dim);
}

gan_module *gan_multi_head_attention(int64_t embed, int64_t heads) {
    static const gan_module_type type = {.name = "multi_head_attention", .forward = forward};
    const int64_t three = 3 * embed;
    gan_module *m = gan_module_create(&type, sizeof(state));
    gan_module_add_parameter(m, "in_proj_weight", GAN_ROLE_WEIGHT, 2, (int64_t[]){three, embed},
                             embed, three);
    gan_module_add_parameter(m, "in_proj_bias", GAN_ROLE_BIAS, 1, &three, embed, three);
    gan_module_add(m, "out_proj", gan_linear(embed, embed, 1));
    if (gan_module_status(m)) return m;
    ((state *)gan_module_state(m))->heads = heads;
    if (heads < 1 || embed % heads) m->status = GAN_EINVAL;
    return m;
}
