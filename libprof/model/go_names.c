#include "libprof/model/go_names.h"

#include <string.h>

/* Wrappers that the compiler makes: dumps leave some of them out, profiles others. */
static bool is_wrapper(struct prof_str s)
{
	static const char *const marks[] = {".gowrap", ".deferwrap", "\302\267dwrap\302\267"};
	uint32_t digits = s.len;

	if (s.len > 3 && memcmp(s.p + s.len - 3, "-fm", 3) == 0)
		return true;
	while (digits && s.p[digits - 1] >= '0' && s.p[digits - 1] <= '9')
		digits--;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		size_t n = strlen(marks[i]);

		if (digits < s.len && digits >= n && memcmp(s.p + digits - n, marks[i], n) == 0)
			return true;
	}
	return false;
}

bool prof_go_is_hidden(struct prof_str name)
{
	return prof_str_has_prefix(name, "runtime.") || is_wrapper(name);
}

/* Type arguments are told by profiles ("F[go.shape.int]") and not by dumps ("F[...]"). */
struct prof_str prof_go_plain_name(struct prof_str name, struct prof_buf *room)
{
	const char *open = memchr(name.p, '[', name.len);
	unsigned depth = 0;

	if (!open)
		return name;
	room->n = 0;
	for (uint32_t i = 0; i < name.len; i++) {
		char c = name.p[i];

		depth -= c == ']' && depth;
		if (!depth)
			prof_buf_char(room, c);
		if (c == '[' && !depth++)
			prof_buf_str(room, "...");
	}
	return room->code ? name : (struct prof_str){room->p, (uint32_t)room->n};
}

/* The standard library's top folders and packages, up to Go 1.27. */
bool prof_go_is_library(struct prof_str name)
{
	static const char list[] =
		" archive bufio bytes cmp compress container context crypto database debug "
		"embed encoding errors expvar flag fmt go hash html image index internal io "
		"iter log maps math mime net os path plugin reflect regexp runtime slices sort "
		"strconv strings structs sync syscall testing text time unicode unique unsafe "
		"vendor weak ";
	uint32_t n = 0;
	char word[16] = " ";

	while (n < name.len && name.p[n] != '/' && name.p[n] != '.')
		n++;
	/* "log.example.com/x.F": a path that has a dot in its first element is a host's. */
	if (n < name.len && name.p[n] == '.') {
		const char *slash = memchr(name.p + n, '/', name.len - n);
		const char *paren = memchr(name.p + n, '(', name.len - n);

		if (slash && (!paren || slash < paren))
			return false;
	}
	if (!n || n > sizeof(word) - 3)
		return false;
	memcpy(word + 1, name.p, n);
	word[n + 1] = ' ';
	return strstr(list, word) != NULL;
}
