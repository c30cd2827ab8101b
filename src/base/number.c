/* SPDX-License-Identifier: MIT
 *
 * The C locale is put in place for this thread and this call alone. */
#include "base/number.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct visit {
    locale_t own, before;
} visit;

static visit enter(void) {
    visit v = {newlocale(LC_ALL_MASK, "C", (locale_t)0), (locale_t)0};
    if (v.own) v.before = uselocale(v.own);
    return v;
}

static void leave(visit v) {
    if (!v.own) return;
    uselocale(v.before);
    freelocale(v.own);
}

double gan__number_read(const char *text, char **end) {
    visit v = enter();
    double number = strtod(text, end);
    leave(v);
    return number;
}

int gan__number_write(double number, int digits, char *text, size_t size) {
    visit v = enter();
    int n = snprintf(text, size, "%.*g", digits, number);
    leave(v);
    return n;
}
