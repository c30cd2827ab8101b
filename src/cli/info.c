/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "cli/cli.h"

static const cli_option *option_at(int i) {
    (void)i;
    return NULL;
}

/* A file's own words, without what a terminal would obey. */
static void print_text(const char *s) {
    for (; *s; s++) putchar((unsigned char)*s < 0x20 && *s != '\n' && *s != '\t' ? '?' : *s);
}

static void print_tensor(const gan_safetensors_entry *e) {
    printf("  %-4s [", gan_dtype_name(e->dtype));
    for (int i = 0; i < e->rank; i++) printf("%s%" PRId64, i ? "," : "", e->dim[i]);
    printf("]  ");
    print_text(e->name);
    putchar('\n');
}

static int print_file(const char *path) {
    gan_safetensors *f;
    gan_error err = {0};
    size_t bytes = 0;
    if (gan_safetensors_open(path, &f, &err)) return cli_fail(EXIT_FAILED, "%s", err.text);
    for (size_t i = 0; i < gan_safetensors_metadata_count(f); i++) {
        const gan_safetensors_pair *p = gan_safetensors_metadata_at(f, i);
        print_text(p->key);
        printf(": ");
        print_text(p->value);
        putchar('\n');
    }
    for (size_t i = 0; i < gan_safetensors_count(f); i++) {
        print_tensor(gan_safetensors_at(f, i));
        bytes += gan_safetensors_at(f, i)->bytes;
    }
    printf("%zu tensors, %zu bytes\n", gan_safetensors_count(f), bytes);
    gan_safetensors_close(f);
    return EXIT_DONE;
}

static int run(const cli_line *line) {
    if (line->rest_count != 1)
        return cli_fail(EXIT_USAGE, "one FILE is wanted; see gan info --help");
    return print_file(line->rest[0]);
}

const cli_command cli_info = {
    .name = "info",
    .summary = "tells what is in a safetensors file",
    .usage = "info FILE",
    .option_at = option_at,
    .run = run,
};
