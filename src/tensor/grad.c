/* SPDX-License-Identifier: MIT
 *
 * The reverse walk. First the record is read forwards, to mark the nodes that depend on a tensor in
 * wrt; then backwards from the output, calling the vjp of each marked node that a gradient has
 * reached. Three facts keep the memory small and the rules simple:
 *  - a node's output is used by later nodes only, so after its vjp nobody on the walk needs it: its
 * buffer goes back;
 *  - what a vjp made and did not return is scratch: it goes back as well, unless the walk is
 * recorded;
 *  - every gradient that may go back is a tensor of its own: where a vjp returns the same tensor
 * twice, or its own gy, an alias takes its place. (In a recorded walk nothing goes back, and an
 * alias would hide the node that made the gradient.) */
#include "gan/tape.h"

#include <string.h>

#include "kernel/pointwise.h"
#include "tensor/internal.h"

typedef struct walk {
    gan_tape *t;
    gan_tensor *out;
    int n;
    gan_tensor *const *wrt;
    int record, keep;
} walk;

/* Does a gradient have to flow into x? */
static int wanted(const walk *w, const gan_tensor *x) {
    return x->walk == w || (x->tape == w->t && x->node && x->node->walk == w);
}

static void mark(walk *w) {
    for (int i = 0; i < w->n; i++) w->wrt[i]->walk = w;
    size_t end = w->out->node ? w->out->node->index + 1 : 0;
    for (size_t i = 0; i < end; i++) {
        gan__node *node = w->t->nodes[i];
        for (int k = 0; k < node->n; k++)
            if (wanted(w, node->in[k])) node->walk = w;
    }
}

static int spared(const walk *w, const gan_tensor *x) {
    return x->kept || x == w->out || x->walk == w;
}

static void unwalk(walk *w) {
    size_t end = w->out->node ? w->out->node->index + 1 : 0;
    if (w->out->grad && w->out->walk != w) { /* no path began here */
        if (!w->record) gan_release(w->t, w->out->grad);
        w->out->grad = NULL;
    }
    for (size_t i = 0; i < end; i++)
        if (w->t->nodes[i]->walk == w) {
            w->t->nodes[i]->walk = NULL;
            w->t->nodes[i]->out->grad = NULL;
        }
    for (int i = 0; i < w->n; i++) {
        w->wrt[i]->walk = NULL;
        w->wrt[i]->grad = NULL;
    }
}

/* a + b as an operation of this floor: where gradients meet. */
static void vjp_meet(gan_tape *t, const gan__node *n, gan_tensor *gy, const int *need,
                     gan_tensor **gx) {
    (void)t, (void)n;
    for (int i = 0; i < 2; i++)
        if (need[i]) gx[i] = gy;
}

static const gan__op meet_op = {"sum of gradients", vjp_meet};

static gan_tensor *meet(gan_tape *t, gan_tensor *a, gan_tensor *b) {
    gan_tensor *in[] = {a, b};
    gan_tensor *y = gan__ready(t, meet_op.name, 2, in) ? gan__new_like(t, a) : NULL;
    if (!y) return NULL;
    memcpy(y->data, a->data, (size_t)a->size * sizeof *a->data);
    gan__accumulate(y->size, b->data, y->data, t->threads);
    return gan__record(t, &meet_op, y, 2, in, NULL, 0);
}

/* x->grad += g. In place where nobody else can see the sum so far. */
static void accumulate(walk *w, gan_tensor *x, gan_tensor *g) {
    gan_tensor *sum = x->grad;
    if (!sum) {
        x->grad = g;
    } else if (!w->record && sum->buffer && sum->buffer->refs == 1) {
        gan_tensor *in[] = {g, sum};
        gan__accumulate(sum->size, g->data, sum->data, w->t->threads);
        if (w->t->profile) gan__profile_op(w->t, meet_op.name, 0, sum, 2, in);
        gan_release(w->t, g);
    } else {
        x->grad = meet(w->t, sum, g);
        if (!w->record) {
            gan_release(w->t, sum);
            gan_release(w->t, g);
        }
    }
}

/* The gradients that a vjp returned, each made a tensor of its own. Tensors before `made` were
 * there before the vjp. */
static void separate(walk *w, size_t made, int n, gan_tensor **gx) {
    for (int i = 0; i < n; i++) {
        int fresh = 0;
        if (!gx[i]) continue;
        for (size_t k = made; k < w->t->tensor_count; k++) fresh |= w->t->tensors[k] == gx[i];
        for (int k = 0; k < i; k++) fresh &= gx[k] != gx[i];
        if (fresh) continue;
        gx[i] = gan__alias(w->t, gx[i], gx[i]->rank, gx[i]->dim);
    }
}

static void release_scratch(walk *w, size_t made, int n, gan_tensor **gx) {
    for (size_t k = made; k < w->t->tensor_count; k++) {
        int returned = 0;
        for (int i = 0; i < n; i++) returned |= gx[i] == w->t->tensors[k];
        if (!returned) gan_release(w->t, w->t->tensors[k]);
    }
}

/* Calls the vjp. One that is no composition of operations but a kernel of its own has charged
 * nothing to the profile. */
static void call_vjp(gan_tape *t, const gan__node *node, gan_tensor *gy, const int *need,
                     gan_tensor **gx) {
    uint64_t before = t->profile ? gan__profile_charges(t->profile) : 0;
    gan_tensor *in[GAN__MAX_INPUTS + 1] = {gy}, *made = NULL;
    node->op->vjp(t, node, gy, need, gx);
    if (!t->profile || gan__profile_charges(t->profile) != before) return;
    for (int i = node->n; i-- > 0;) {
        in[i + 1] = node->in[i];
        if (gx[i] && gx[i] != gy) made = gx[i];
    }
    if (made) gan__profile_op(t, node->op->name, 1, made, node->n + 1, in);
}

/* The tape's scope is the node's. */
static int usable(walk *w, const gan__node *node) {
    if (node->consumed) {
        gan__op_fail(w->t, GAN_ESTATE, node->op->name,
                     "its values were given back by an earlier gan_grad; pass GAN_GRAD_KEEP to "
                     "that one");
        return 0;
    }
    for (int i = 0; i < node->n; i++)
        if (gan__version(node->in[i]) != node->version[i]) {
            gan__op_fail(
                w->t, GAN_ESTATE, node->op->name,
                "operand %d has changed since it was used; take gradients before the update",
                i + 1);
            return 0;
        }
    return 1;
}

static void pass_back(walk *w, gan__node *node) {
    gan_tape *t = w->t;
    gan_tensor *gy = node->out->grad, *gx[GAN__MAX_INPUTS] = {0};
    int need[GAN__MAX_INPUTS];
    for (int i = 0; i < node->n; i++) need[i] = wanted(w, node->in[i]);
    size_t made = t->tensor_count;
    if (usable(w, node) && node->op->vjp) call_vjp(t, node, gy, need, gx);
    if (t->error.code) return;
    if (!w->record) separate(w, made, node->n, gx);
    if (t->error.code) return;
    if (!w->record) release_scratch(w, made, node->n, gx);
    for (int i = 0; i < node->n; i++)
        if (need[i] && gx[i]) accumulate(w, node->in[i], gx[i]);
    if (node->out->walk == w) return; /* a gradient that was asked for */
    node->out->grad = NULL;
    if (!w->record) gan_release(t, gy);
    if (w->keep) return;
    node->consumed = 1;
    if (!spared(w, node->out)) gan_release(t, node->out);
}

/* In the scope of the node, and in the part of the step that its gradient belongs to. */
static void step_back(walk *w, gan__node *node) {
    gan_tape *t = w->t;
    const char *scope = t->scope, *part = t->part, *backward = t->backward;
    t->scope = node->scope;
    t->part = t->backward = node->part;
    pass_back(w, node);
    t->scope = scope;
    t->part = part;
    t->backward = backward;
}

static void run(walk *w, gan_tensor *seed) {
    gan_tape *t = w->t;
    gan_tensor *out = w->out;
    if (!seed)
        out->grad = gan_full(t, out->rank, out->dim, 1);
    else
        out->grad = w->record ? seed : gan__alias(t, seed, seed->rank, seed->dim);
    for (size_t i = out->node ? out->node->index + 1 : 0; i-- > 0 && !t->error.code;) {
        gan__node *node = t->nodes[i];
        if (node->walk == w && node->out->grad) step_back(w, node);
    }
}

static void collect(walk *w, gan_tensor *grads[]) {
    for (int i = 0; i < w->n && !w->t->error.code; i++) {
        gan_tensor *g = w->wrt[i]->grad;
        grads[i] = g ? g : gan_input(w->t, w->wrt[i]->rank, w->wrt[i]->dim, NULL);
    }
    for (int i = 0; i < w->n && w->t->error.code; i++) grads[i] = NULL;
}

gan_status gan_grad(gan_tape *t, gan_tensor *out, gan_tensor *seed, int n, gan_tensor *const wrt[],
                    gan_tensor *grads[], unsigned flags) {
    for (int i = 0; i < n; i++) grads[i] = NULL;
    if (!gan__ready(t, "grad", 1, &out) || !gan__ready(t, "grad", n, wrt))
        return gan_tape_status(t);
    if (seed && (!gan__ready(t, "grad", 1, &seed) || !gan__same_shape(seed, out))) {
        gan__op_fail(t, GAN_ESHAPE, "grad", "the seed does not have the shape of the output");
        return gan_tape_status(t);
    }
    int record = (flags & GAN_GRAD_RECORD) != 0;
    walk w = {t, out, n, wrt, record, record || (flags & GAN_GRAD_KEEP)};
    int was = gan_tape_record(t, record);
    mark(&w);
    run(&w, seed);
    gan_tape_record(t, was);
    collect(&w, grads);
    unwalk(&w);
    return gan_tape_status(t);
}
