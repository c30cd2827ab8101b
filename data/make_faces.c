/* SPDX-License-Identifier: MIT */
/* make_faces - renders a labelled data set of faces. The command line; the work is in face_set.c.
 */
#include "face_set.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OK, FAILED, USAGE };

static const struct option options[] = {
    {"out", required_argument, NULL, 'o'},     {"count", required_argument, NULL, 'n'},
    {"size", required_argument, NULL, 's'},    {"seed", required_argument, NULL, 'r'},
    {"threads", required_argument, NULL, 't'}, {"force", no_argument, NULL, 'f'},
    {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
};

static const char help[] =
    "usage: make_faces --out DIR [options]\n"
    "\n"
    "Renders faces with labelled attributes: DIR/000000.png, DIR/000001.png, ... and\n"
    "DIR/attributes.jsonl, one JSON object a line. The labels are written last: a\n"
    "folder that has them is a complete set.\n"
    "\n"
    "  --out DIR      folder to fill; made if need be, but not its parents\n"
    "  --count N      number of images, 1 to 1000000 (20000)\n"
    "  --size N       side of an image in pixels, 16 to 1024 (64)\n"
    "  --seed N       another seed, other faces (1)\n"
    "  --threads N    threads, 1 to 1024 (as many as OpenMP gives); the images are the\n"
    "                 same whatever the number\n"
    "  --force        replace an earlier set in DIR: removes its attributes.jsonl and\n"
    "                 NNNNNN.png, and no other file\n"
    "  --help         this text\n"
    "\n"
    "Image i depends on the seed, i and the size alone: a larger set begins with the\n"
    "smaller one. Exit status: 0 done, 1 failed, 2 wrong usage.\n";

/* A whole number in [low, high], decimal digits only; says what is wrong otherwise. */
static int parse(const char *name, const char *text, uint64_t low, uint64_t high, uint64_t *value) {
    char *end;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && v >= low && v <= high) {
        *value = v;
        return 0;
    }
    fprintf(stderr, "make_faces: --%s is '%s'; give a whole number from %llu to %llu\n", name, text,
            (unsigned long long)low, (unsigned long long)high);
    return -1;
}

/* One option; 0, or -1 after a message. */
static int apply(struct face_set *set, int option, const char *text) {
    uint64_t v = 0;
    switch (option) {
    case 'o':
        set->dir = text;
        return 0;
    case 'f':
        set->force = 1;
        return 0;
    case 'r':
        return parse("seed", text, 0, UINT64_MAX, &set->seed);
    case 'n':
        if (parse("count", text, 1, FACE_SET_MAX, &v) != 0) return -1;
        set->count = (long)v;
        return 0;
    case 's':
        if (parse("size", text, 16, 1024, &v) != 0) return -1;
        set->size = (int)v;
        return 0;
    case 't':
        if (parse("threads", text, 1, 1024, &v) != 0) return -1;
        set->threads = (int)v;
        return 0;
    default:
        fputs("make_faces: see make_faces --help\n", stderr);
        return -1;
    }
}

static int print_help(void) {
    if (fputs(help, stdout) != EOF && fflush(stdout) == 0) return OK;
    fprintf(stderr, "make_faces: cannot write the help: %s\n", strerror(errno));
    return FAILED;
}

int main(int argc, char **argv) {
    struct face_set set = {.count = 20000, .size = 64, .seed = 1};
    char message[FACE_SET_MESSAGE];
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (o == 'h') return print_help();
        if (apply(&set, o, optarg) != 0) return USAGE;
    }
    if (optind < argc) {
        fprintf(stderr, "make_faces: '%s' is not an option; the folder goes after --out\n",
                argv[optind]);
        return USAGE;
    }
    if (!set.dir || !*set.dir) {
        fputs("make_faces: no folder to fill; name one with --out DIR\n", stderr);
        return USAGE;
    }
    if (face_set_write(&set, message) != 0) {
        fprintf(stderr, "make_faces: %s\n", message);
        return FAILED;
    }
    printf("%ld faces of %d x %d in %s\n", set.count, set.size, set.size, set.dir);
    return OK;
}
