/* SPDX-License-Identifier: MIT
 *
 * The tape owns three kinds of memory: buffers of elements (the pool), the structs that describe a
 * step (the arena), and the two lists over them. A reset gives all of it back to the tape itself;
 * nothing returns to the system before gan_tape_free. */
#include "gan/tape.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/parallel.h"
#include "tensor/internal.h"

gan_tape *gan_tape_create(int threads) {
    gan_tape *t = gan__zalloc(1, sizeof *t);
    if (!t) return NULL;
    t->threads = threads < 1 ? gan__processors() : threads;
    t->recording = 1;
    return t;
}

void gan_tape_free(gan_tape *t) {
    if (!t) return;
    gan_tape_reset(t);
    gan__pool_free(&t->pool);
    gan__arena_free(&t->arena);
    gan__free(t->nodes);
    gan__free(t->tensors);
    gan__free(t);
}

void gan_tape_reset(gan_tape *t) {
    if (!t) return;
    for (size_t i = 0; i < t->tensor_count; i++) gan_release(t, t->tensors[i]);
    t->tensor_count = t->node_count = 0;
    gan__arena_reset(&t->arena);
    t->error = (gan_error){0};
    t->scope = t->part = t->backward = NULL;
    t->recording = 1;
}

int gan_tape_threads(const gan_tape *t) {
    return t ? t->threads : 0;
}

gan_status gan_tape_status(const gan_tape *t) {
    return t ? t->error.code : GAN_ENOMEM;
}

const gan_error *gan_tape_error(const gan_tape *t) {
    static const gan_error none = {GAN_ENOMEM, "there is no tape: it could not be allocated"};
    return t ? &t->error : &none;
}

gan_status gan__tape_failed(const gan_tape *t, gan_error *err) {
    const gan_error *first = gan_tape_error(t);
    return first->code ? gan__fail(err, first->code, "%s", first->text) : GAN_OK;
}

gan_tensor *gan_tape_fail(gan_tape *t, gan_status code, const char *format, ...) {
    if (!t || t->error.code) return NULL;
    va_list args;
    va_start(args, format);
    t->error.code = code;
    vsnprintf(t->error.text, sizeof t->error.text, format, args);
    va_end(args);
    return NULL;
}

int gan_tape_record(gan_tape *t, int on) {
    if (!t) return 0;
    int was = t->recording;
    t->recording = on;
    return was;
}

int gan_tape_recording(const gan_tape *t) {
    return t && t->recording;
}

gan_tape_usage gan_tape_memory(const gan_tape *t) {
    if (!t) return (gan_tape_usage){0};
    return (gan_tape_usage){t->pool.allocations, t->pool.held, t->pool.in_use, t->pool.peak};
}

/* --- scopes: strings in the arena, so that a node can keep the one it was recorded in. In front of
 * each stands the one around it, for names may hold dots --- */

typedef struct inner_scope {
    const char *outer;
    char text[];
} inner_scope;

void gan_tape_push(gan_tape *t, const char *name) {
    if (!t || t->error.code) return;
    size_t outer = t->scope ? strlen(t->scope) + 1 : 0, n = strlen(name);
    inner_scope *s = gan__tape_take(t, sizeof *s + outer + n + 1);
    if (!s) return;
    s->outer = t->scope;
    if (outer) {
        memcpy(s->text, t->scope, outer - 1);
        s->text[outer - 1] = '.';
    }
    memcpy(s->text + outer, name, n + 1);
    t->scope = s->text;
}

void gan_tape_pop(gan_tape *t) {
    if (!t || t->error.code || !t->scope) return;
    t->scope = ((const inner_scope *)(const void *)(t->scope - offsetof(inner_scope, text)))->outer;
}

/* --- for operations --- */

gan_tensor *gan__op_fail(gan_tape *t, gan_status code, const char *op, const char *format, ...) {
    char text[384];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const char *scope = t->scope ? t->scope : "";
    return gan_tape_fail(t, code, "%s%s%s: %s", op, *scope ? " " : "", scope, text);
}

int gan__ready(gan_tape *t, const char *op, int n, gan_tensor *const *in) {
    if (!t || t->error.code) return 0;
    for (int i = 0; i < n; i++) {
        if (!in[i]) {
            gan__op_fail(t, GAN_EINVAL, op, "operand %d is NULL", i + 1);
            return 0;
        }
        if (!in[i]->data) {
            gan__op_fail(t, GAN_ESTATE, op,
                         "operand %d was given back by gan_grad; pass GAN_GRAD_KEEP or gan_keep it",
                         i + 1);
            return 0;
        }
    }
    return 1;
}

void *gan__tape_take(gan_tape *t, size_t bytes) {
    void *p = gan__arena_take(&t->arena, bytes);
    if (!p) gan_tape_fail(t, GAN_ENOMEM, "out of memory for the record of a step");
    return p;
}

gan__buffer *gan__scratch(gan_tape *t, size_t bytes) {
    gan__buffer *b = gan__pool_take(&t->pool, bytes);
    if (!b)
        gan__op_fail(t, GAN_ENOMEM, "memory",
                     "no room for %zu MiB; a smaller batch or width needs less", bytes >> 20);
    return b;
}

static gan__node *new_node(gan_tape *t, size_t attr_size) {
    gan__node *node = gan__tape_take(t, sizeof *node + attr_size);
    if (!node) return NULL;
    gan__node **nodes = gan__grow(t->nodes, &t->node_cap, t->node_count, sizeof node);
    if (nodes)
        t->nodes = nodes;
    else
        gan_tape_fail(t, GAN_ENOMEM, "out of memory for the record of a step");
    return nodes ? node : NULL;
}

gan_tensor *gan__record(gan_tape *t, const gan__op *op, gan_tensor *out, int n,
                        gan_tensor *const *in, const void *attr, size_t attr_size) {
    if (out && t->profile) gan__profile_op(t, op->name, 0, out, n, in);
    if (!out || !t->recording) return out;
    gan__node *node = new_node(t, attr_size);
    if (!node) return NULL;
    *node = (gan__node){.op = op, .out = out, .scope = t->scope, .index = t->node_count, .n = n};
    node->part = t->backward;
    for (int i = 0; i < n; i++) {
        node->in[i] = in[i];
        node->version[i] = gan__version(in[i]);
    }
    if (attr_size) node->attr = memcpy(node + 1, attr, attr_size);
    t->nodes[t->node_count++] = node;
    out->node = node;
    return out;
}
