/*
 * list_edit: changes a list as a person with an editor would, a line at a time, and
 * beside one: while somebody writes the list it waits, and what somebody wrote meanwhile
 * is never lost. Comments and times stay where they are; the #EXTINF of an entry goes
 * with it. Prints its own messages.
 */
#ifndef STREAMHUB_LIST_EDIT_H
#define STREAMHUB_LIST_EDIT_H

#include <stddef.h>

/*
 * These change the list at path, and print the number and the path of the entry as it is
 * then; of one that was removed, as it was. They return a code of sysexits.h: 64: there
 * is no such entry or file; 75: somebody is writing the list.
 *
 * An entry is named by its number, or by its path if that stands in the list once. To
 * add at "" is to add at the end.
 */
int list_add_entry(const char *path, const char *clip, const char *at);
int list_remove_entry(const char *path, const char *entry);
int list_move_entry(const char *path, const char *entry, const char *to);

#endif
