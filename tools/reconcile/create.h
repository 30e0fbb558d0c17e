/*
 * create: settings of a station that a server names and that is not known here, made
 * from a template of the operator's. Prints its own messages; addresses are in none.
 */
#ifndef STREAMHUB_CREATE_H
#define STREAMHUB_CREATE_H

/*
 * Writes the settings of station id into the folder: the template, where @ID@ and @URL@
 * become the station's. An existing file is never touched. Returns 0, or -1: what is
 * wrong was said.
 */
int create_settings(int settings, const char *template, const char *id, const char *url);

#endif
