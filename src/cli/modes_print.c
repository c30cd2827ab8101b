/* SPDX-License-Identifier: MIT
 *
 * The heading of a report, and the cells of its tables, a column a metric. */
#include <stdio.h>
#include <string.h>

#include "cli/modes.h"

enum { COLUMN = 19 };

void modes_print_heading(const modes_setup *m) {
    static const char *const norms[] = {"norm-g", "norm-d"};
    printf("%s: %s; networks %s: %s", m->problem->name, m->problem->title, m->networks->name,
           m->networks->title);
    for (int i = 0; i < 2; i++) {
        char value[32];
        gan_config_get(&m->config, norms[i], value, sizeof value);
        if (strcmp(value, "auto")) printf("; --%s %s", norms[i], value);
    }
    printf("\n");
}

void modes_print_titles(const modes_problem *p) {
    for (int k = 0; p->metrics[k].name; k++) printf("%*s", COLUMN, p->metrics[k].title);
    printf("\n");
}

void modes_print_summaries(const modes_problem *p, const modes_summary *s) {
    char text[64], error[32];
    for (int k = 0; p->metrics[k].name; k++) {
        snprintf(text, sizeof text, p->metrics[k].format, s[k].mean);
        snprintf(error, sizeof error, p->metrics[k].format, s[k].error);
        snprintf(text + strlen(text), sizeof text - strlen(text), " +- %s", error);
        printf("%*s", COLUMN, text);
    }
}

void modes_print_figures(const modes_problem *p, const modes_figures *f) {
    char text[64];
    for (int k = 0; p->metrics[k].name; k++) {
        snprintf(text, sizeof text, p->metrics[k].format, f->value[k]);
        printf("%*s", COLUMN, text);
    }
}

void modes_print_published(const modes_problem *p, const modes_published *row) {
    for (int k = 0; p->metrics[k].name; k++)
        printf("%*s", COLUMN, row->value[k] ? row->value[k] : "");
}
