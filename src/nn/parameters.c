/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "gan/module.h"
#include "nn/internal.h"

int gan_parameter_trained(const gan_parameter *p) {
    return p->value && p->role != GAN_ROLE_MEAN && p->role != GAN_ROLE_VAR &&
           p->role != GAN_ROLE_DIRECTION;
}

/* "outer.inner"; an empty part has no dot. NULL: no memory. */
static char *join(const char *outer, const char *inner) {
    size_t n = outer ? strlen(outer) : 0, m = inner ? strlen(inner) : 0, dot = n && m;
    char *name = gan__alloc(n + dot + m + 1, 1);
    if (!name) return NULL;
    if (n) memcpy(name, outer, n);
    if (dot) name[n] = '.';
    if (m) memcpy(name + n + dot, inner, m);
    name[n + dot + m] = 0;
    return name;
}

static int count_own(const gan_module *m) {
    int n = m->own_count;
    for (size_t i = 0; i < m->child_count; i++) n += count_own(m->child[i]);
    return n;
}

/* Appends the parameters of m and its children, whose names start with `prefix`. 0: no memory. */
static int collect(const gan_module *m, const char *prefix, gan_parameters *out) {
    char *path = join(prefix, m->name);
    int ok = path != NULL;
    for (int i = 0; i < m->own_count && ok; i++) {
        const gan__own *own = &m->own[i];
        gan_parameter p = {join(path, own->name), own->value,  own->counter, own->role,
                           own->layout,           own->fan_in, own->fan_out};
        ok = p.name != NULL;
        if (ok) out->item[out->count++] = p;
    }
    for (size_t i = 0; i < m->child_count && ok; i++) ok = collect(m->child[i], path, out);
    gan__free(path);
    return ok;
}

gan_status gan_parameters_collect(gan_module *root, gan_parameters *out, gan_error *err) {
    *out = (gan_parameters){0};
    if (gan_module_status(root) == GAN_EINVAL)
        return gan__fail(err, GAN_EINVAL,
                         "a layer of the network has a size or option out of range");
    if (gan_module_status(root)) return gan__fail_memory(err);
    gan__layout_tree(root);
    out->item = gan__zalloc((size_t)count_own(root), sizeof *out->item);
    if (out->item && collect(root, NULL, out)) return GAN_OK;
    gan_parameters_free(out);
    return gan__fail_memory(err);
}

void gan_parameters_free(gan_parameters *p) {
    for (int i = 0; i < p->count; i++) gan__free(p->item[i].name);
    gan__free(p->item);
    *p = (gan_parameters){0};
}

/* --- initialisation --- */

static double weight_std(gan_init init, const gan_parameter *p) {
    double in = (double)p->fan_in, out = (double)p->fan_out;
    if (init == GAN_INIT_XAVIER) return sqrt(2 / (in + out));
    return init == GAN_INIT_HE ? sqrt(2 / in) : 0.02;
}

/* Uniform on the sphere. */
static void draw_direction(gan_rng *rng, gan_real *x, int64_t n) {
    double squares = 0;
    gan_rng_fill_normal(rng, x, (size_t)n, 0, 1);
    for (int64_t i = 0; i < n; i++) squares += (double)x[i] * (double)x[i];
    for (int64_t i = 0; i < n; i++) x[i] = (gan_real)((double)x[i] / fmax(sqrt(squares), 1e-12));
}

/* Of a role that draws nothing. */
static double constant(gan_role role) {
    if (role == GAN_ROLE_SLOPE) return 0.25;
    return role == GAN_ROLE_SCALE || role == GAN_ROLE_VAR ? 1 : 0;
}

static void initialise(gan_parameter *p, gan_init init, gan_rng rng) {
    gan_real *x = gan_tensor_edit(p->value);
    int64_t n = gan_tensor_size(p->value);
    if (p->counter) *p->counter = 0;
    if (p->role == GAN_ROLE_WEIGHT)
        gan_rng_fill_normal(&rng, x, (size_t)n, 0, weight_std(init, p));
    else if (p->role == GAN_ROLE_DIRECTION)
        draw_direction(&rng, x, n);
    else if (p->role == GAN_ROLE_SCALE && init == GAN_INIT_NORMAL)
        gan_rng_fill_normal(&rng, x, (size_t)n, 1, 0.02);
    else
        for (int64_t i = 0; i < n; i++) x[i] = (gan_real)constant(p->role);
}

void gan_parameters_initialise(gan_parameters *p, gan_init init, uint64_t seed, uint32_t stream) {
    for (int i = 0; i < p->count; i++)
        initialise(&p->item[i], init, gan_rng_make(seed, stream, (uint64_t)i));
}
