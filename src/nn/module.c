/* SPDX-License-Identifier: MIT */
#include "gan/module.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "nn/internal.h"

gan_module *gan_module_create(const gan_module_type *type, size_t state_size) {
    gan_module *m = gan__zalloc(1, sizeof *m);
    if (!m) return NULL;
    m->type = type;
    m->state = gan__zalloc(1, state_size);
    if (!m->state) m->status = GAN_ENOMEM;
    return m;
}

void gan_module_free(gan_module *m) {
    if (!m) return;
    for (size_t i = 0; i < m->child_count; i++) gan_module_free(m->child[i]);
    for (int i = 0; i < m->own_count; i++) {
        gan_tensor_free(m->own[i].value);
        gan__free(m->own[i].name);
    }
    gan__free(m->child);
    gan__free(m->state);
    gan__free(m->name);
    gan__free(m);
}

gan_status gan_module_status(const gan_module *m) {
    return m ? m->status : GAN_ENOMEM;
}

void *gan_module_state(gan_module *m) {
    return m ? m->state : NULL;
}

/* The next free place, which gets a copy of the name; NULL: m has failed. */
static gan__own *own_slot(gan_module *m, const char *name) {
    if (!m || m->status) return NULL;
    gan__own *own = &m->own[m->own_count];
    if (m->own_count == GAN__MAX_OWN)
        m->status = GAN_EINVAL;
    else if (!(own->name = gan__strdup(name)))
        m->status = GAN_ENOMEM;
    return m->status ? NULL : own;
}

static int in_range(int rank, const int64_t *dim) {
    if (rank < 0 || rank > GAN_MAX_RANK) return 0;
    for (int i = 0; i < rank; i++)
        if (dim[i] < 1) return 0;
    return 1;
}

gan_tensor *gan_module_add_parameter(gan_module *m, const char *name, gan_role role, int rank,
                                     const int64_t *dim, int64_t fan_in, int64_t fan_out) {
    if (m && !m->status && !in_range(rank, dim)) m->status = GAN_EINVAL;
    gan__own *own = own_slot(m, name);
    if (!own) return NULL;
    m->own_count++;
    own->value = gan_tensor_create(rank, dim);
    own->role = role, own->fan_in = fan_in, own->fan_out = fan_out;
    if (!own->value) m->status = GAN_ENOMEM;
    return own->value;
}

void gan__module_add_counter(gan_module *m, const char *name, int64_t *counter) {
    gan__own *own = own_slot(m, name);
    if (!own) return;
    m->own_count++;
    own->counter = counter;
    own->role = GAN_ROLE_MEAN;
}

gan_tensor *gan_module_parameter(gan_module *m, int index) {
    return m && index >= 0 && index < m->own_count ? m->own[index].value : NULL;
}

static char *index_name(size_t index) {
    char text[24];
    snprintf(text, sizeof text, "%zu", index);
    return gan__strdup(text);
}

/* Room for one more child; 0: no memory. */
static int grow(gan_module *m) {
    gan_module **child = gan__grow(m->child, &m->child_cap, m->child_count, sizeof *m->child);
    if (child) m->child = child;
    return child != NULL;
}

void gan_module_add(gan_module *m, const char *name, gan_module *child) {
    if (m && child && !m->status && grow(m)) {
        gan__free(child->name);
        child->name = name ? gan__strdup(name) : index_name(m->child_count);
        if (!child->name) m->status = GAN_ENOMEM;
        if (!m->status) m->status = child->status;
        m->child[m->child_count++] = child;
        return;
    }
    if (m && !m->status) m->status = child && child->status ? child->status : GAN_ENOMEM;
    gan_module_free(child);
}

gan_module *gan_module_child(gan_module *m, int index) {
    return m && index >= 0 && (size_t)index < m->child_count ? m->child[index] : NULL;
}

/* slope NULL: m alone; else with the activation that follows it. */
static gan_tensor *run_module(gan_tape *t, gan_module *m, gan_tensor *x, const double *slope,
                              const gan_pass *pass) {
    if (gan_module_status(m))
        return gan_tape_fail(t, gan_module_status(m), "a module that could not be built was run");
    int named = m->name && *m->name;
    if (named) gan_tape_push(t, m->name);
    gan_tensor *y =
        slope ? m->type->forward_leaky(t, m, x, *slope, pass) : m->type->forward(t, m, x, pass);
    if (named) gan_tape_pop(t);
    return y;
}

gan_tensor *gan_module_forward(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    return run_module(t, m, x, NULL, pass);
}

/* Does child i run in one with the child after it, a leaky ReLU? */
static int ends_leaky(const gan_module *m, size_t i, double *slope) {
    return m->child[i]->type->forward_leaky && gan__module_leaky(m->child[i + 1], slope);
}

gan_tensor *gan__module_run(gan_tape *t, gan_module *m, size_t from, size_t to, gan_tensor *x,
                            const gan_pass *pass, gan_tensor **inner) {
    gan_tensor *y = x;
    for (size_t i = from; i < to && y; i++) {
        double slope;
        int both = i + 1 < to && ends_leaky(m, i, &slope), keep = inner && i + 1 == to;
        if (keep) *inner = y;
        gan_tensor *next = run_module(t, m->child[i], y, both ? &slope : NULL, pass);
        i += (size_t)both;
        if (y != x && y != next && !keep) gan__used(t, y);
        y = next;
    }
    return y;
}

static gan_tensor *run_sequence(gan_tape *t, gan_module *m, gan_tensor *x, const gan_pass *pass) {
    return gan__module_run(t, m, 0, m->child_count, x, pass, NULL);
}

static const gan_module_type sequence_type = {.name = "sequential", .forward = run_sequence};

gan_tensor *gan__module_forward_split(gan_tape *t, gan_module *m, gan_tensor *x,
                                      const gan_pass *pass, gan_tensor **inner) {
    *inner = NULL;
    if (gan_module_status(m) || m->type != &sequence_type) return gan_module_forward(t, m, x, pass);
    size_t last = m->child_count ? m->child_count - 1 : 0;
    int nested = m->child_count && m->child[last]->type == &sequence_type;
    if (m->name) gan_tape_push(t, m->name);
    gan_tensor *y =
        gan__module_run(t, m, 0, nested ? last : m->child_count, x, pass, nested ? NULL : inner);
    if (nested) y = gan__module_forward_split(t, m->child[last], y, pass, inner);
    if (m->name) gan_tape_pop(t);
    return y;
}

gan_module *gan_sequential(const char *name) {
    gan_module *m = gan_module_create(&sequence_type, 0);
    if (m && name) {
        m->name = gan__strdup(name);
        if (!m->name) m->status = GAN_ENOMEM;
    }
    return m;
}

int gan_module_mixes_batch(gan_module *m) {
    int mixes = m ? (int)m->type->mixes_batch : 0;
    for (size_t i = 0; m && i < m->child_count; i++) mixes |= gan_module_mixes_batch(m->child[i]);
    return mixes;
}
