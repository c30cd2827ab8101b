/* SPDX-License-Identifier: MIT */
#include "gan/schedule.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"

static gan_status unreadable(const char *text, const char *at, const char *why, gan_error *err) {
    return gan__fail(err, GAN_EINVAL, "schedule '%s': %s at '%s'; write 5 or 5@0,2@2000,1@10000",
                     text, why, *at ? at : "its end");
}

/* Reads "value@step" or, as the only piece, "value". */
static gan_status piece(const char *text, const char **at, gan_schedule *s, gan_error *err) {
    char *end;
    int64_t from = 0;
    double value = gan__number_read(*at, &end);
    if (end == *at || !isfinite(value) || value < 0)
        return unreadable(text, *at, "a number is wanted", err);
    if (*end == '@') {
        const char *step = end + 1;
        errno = 0;
        from = strtoll(step, &end, 10);
        if (end == step || errno || from < 0)
            return unreadable(text, step, "a step is wanted", err);
    } else if (s->count || *end) {
        return unreadable(text, end, "'@step' is wanted", err);
    }
    if (!s->count && from)
        return unreadable(text, *at, "the first piece must start at step 0", err);
    if (s->count && from <= s->from[s->count - 1])
        return unreadable(text, *at, "steps must rise", err);
    s->value[s->count] = value;
    s->from[s->count++] = from;
    *at = end;
    return GAN_OK;
}

gan_status gan_schedule_parse(const char *text, gan_schedule *out, gan_error *err) {
    gan_schedule s = {0};
    const char *at = text;
    for (;;) {
        if (s.count == GAN_SCHEDULE_PIECES) return unreadable(text, at, "too many pieces", err);
        gan_status status = piece(text, &at, &s, err);
        if (status) return status;
        if (!*at) break;
        if (*at++ != ',') return unreadable(text, at - 1, "',' is wanted", err);
    }
    *out = s;
    return GAN_OK;
}

double gan_schedule_at(const gan_schedule *s, int64_t step) {
    int i = 0;
    while (i + 1 < s->count && s->from[i + 1] <= step) i++;
    return s->value[i];
}
