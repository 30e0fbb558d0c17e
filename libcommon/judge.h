/*
 * judge: looks inside one clip: its structure first (shape.h), and if that is whole,
 * every packet of it. Decodes nothing. To be run in a sandbox.
 */
#ifndef STREAMHUB_JUDGE_H
#define STREAMHUB_JUDGE_H

#include "report.h"

/* Fills in the whole report about the regular file fd, which stays open. */
void judge_file(int fd, struct report *report);

#endif
