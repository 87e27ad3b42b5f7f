#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"

struct common common;

/* Of two endings that fit, the longer one stands first. */
static const struct {
	const char *name;
	enum format format;
	const char *ends[3];
} formats[] = {
	{"text", FORMAT_TEXT, {NULL}},
	{"dot", FORMAT_DOT, {".dot", ".gv"}},
	{"svg", FORMAT_SVG, {".svg"}},
	{"png", FORMAT_PNG, {".png"}},
	{"pdf", FORMAT_PDF, {".pdf"}},
	{"ps", FORMAT_PS, {".ps"}},
	{"gif", FORMAT_GIF, {".gif"}},
	{"html", FORMAT_HTML, {".html", ".htm"}},
	{"folded", FORMAT_FOLDED, {".folded", ".collapsed"}},
	{"speedscope", FORMAT_SPEEDSCOPE, {".speedscope.json"}},
	{"json", FORMAT_JSON, {".json"}},
	{"md", FORMAT_MARKDOWN, {".md"}},
	{"csv", FORMAT_CSV, {".csv"}},
	{"wire", FORMAT_WIRE, {NULL}},
	{"parsed", FORMAT_PARSED, {NULL}},
};

enum {
	DEFAULT_FORMATS = 1 << FORMAT_TEXT | 1 << FORMAT_HTML | 1 << FORMAT_JSON |
			  1 << FORMAT_MARKDOWN,
};
enum { N_FORMATS = sizeof(formats) / sizeof(formats[0]) };

/* Those of the command, as --format knows them. */
static struct opt_choice choices[N_FORMATS + 2];
static char choice_names[80];

const struct opt common_opts[] = {
	{"format", 0, OPT_CHOICE, &common.format, .arg = choice_names, .choices = choices,
		.help = "how the result is written (else the ending of -o decides)"},
	{"json", 0, OPT_SET, &common.format, FORMAT_JSON, .help = "the same as --format=json"},
	{"md", 0, OPT_SET, &common.format, FORMAT_MARKDOWN,
		.help = "the same as --format=md: Markdown, for a comment in a code review"},
	{"html", 0, OPT_SET, &common.format, FORMAT_HTML,
		.help = "the same as --format=html: a page"},
	{"svg", 0, OPT_SET, &common.format, FORMAT_SVG,
		.help = "the same as --format=svg: a picture"},
	{"output", 'o', OPT_STR, &common.output, .arg = "FILE", .help = "write there"},
	{"quiet", 'q', OPT_BOOL, &common.quiet, .help = "no remarks on standard error"},
	{"limit", 0, OPT_LIMIT, &common.limits, .arg = "NAME=SIZE",
		.help = "what an input may cost: memory (4G), inflated (16G), ratio (200, past "
			"256 MiB), strings (64M), string (16M)"},
	{0},
};

static int fd = STDOUT_FILENO;
static int write_errno; /* of the write that failed */

/* Names in messages come from files: a control character shows as '?'. */
static void put_safe(const char *s)
{
	for (; *s; s++)
		fputc((unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s, stderr);
}

static void put_who(const char *file)
{
	fprintf(stderr, "%s: ", common.who);
	if (file) {
		put_safe(file);
		fputs(": ", stderr);
	}
}

int cmd_error(const char *file, const struct prof_err *err)
{
	put_who(file);
	if (err->offset >= 0)
		fprintf(stderr, "offset %lld: ", (long long)err->offset);
	put_safe(err->msg);
	fputc('\n', stderr);
	return err->code == PROF_EUSAGE ? EXIT_USAGE : EXIT_ERROR;
}

static void __attribute__((format(printf, 1, 0))) put_line(const char *fmt, va_list ap)
{
	fprintf(stderr, "%s: ", common.who);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void cmd_note(const char *fmt, ...)
{
	va_list ap;

	if (common.quiet)
		return;
	va_start(ap, fmt);
	put_line(fmt, ap);
	va_end(ap);
}

int cmd_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_line(fmt, ap);
	va_end(ap);
	return EXIT_USAGE;
}

int cmd_open(const char *path, struct prof_profile **out)
{
	return cmd_open_by(path, PROF_BY_ADDRESS, out);
}

int cmd_open_by(const char *path, enum prof_granularity by, struct prof_profile **out)
{
	struct prof_err err = {0};

	const char *name = strcmp(path, "-") == 0 ? "standard input" : path;

	if (prof_profile_open_by(path, &common.limits, &common.trace, by, out, &err))
		return cmd_error(name, &err);
	cmd_damage(name, prof_profile_damage(*out));
	return 0;
}

void cmd_damage(const char *file, const char *what)
{
	if (!what)
		return;
	common.damaged = 1;
	put_who(file);
	put_safe(what);
	fputc('\n', stderr);
}

static int ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

void cmd_set_formats(unsigned set)
{
	size_t n = 0;

	set = set ? set : DEFAULT_FORMATS;
	choice_names[0] = '\0';
	for (size_t i = 0; i < N_FORMATS; i++) {
		size_t len = strlen(choice_names);

		if (!(set & 1u << formats[i].format))
			continue;
		choices[n++] = (struct opt_choice){formats[i].name, formats[i].format};
		snprintf(choice_names + len, sizeof(choice_names) - len, "%s%s", len ? "|" : "",
			formats[i].name);
	}
	if (set & 1u << FORMAT_TEXT) /* by the name that database shells have for it */
		choices[n++] = (struct opt_choice){"table", FORMAT_TEXT};
	choices[n] = (struct opt_choice){0};
}

static int is_choice(enum format format)
{
	for (const struct opt_choice *c = choices; c->name; c++)
		if (c->value == (int)format)
			return 1;
	return 0;
}

int cmd_check_format(void)
{
	if (common.format < 0 || is_choice((enum format)common.format))
		return 0;
	for (size_t i = 0; i < N_FORMATS; i++)
		if ((int)formats[i].format == common.format)
			return cmd_usage(
				"has no %s; --format takes %s", formats[i].name, choice_names);
	return EXIT_USAGE;
}

int cmd_format(void)
{
	for (size_t i = 0; common.format < 0 && common.output && i < N_FORMATS; i++)
		for (const char *const *end = formats[i].ends; *end; end++)
			if (is_choice(formats[i].format) && ends_with(common.output, *end))
				common.format = formats[i].format;
	if (common.format < 0)
		common.format = choices[0].value;
	return common.format;
}

int cmd_is_terminal(void)
{
	return (!common.output || !strcmp(common.output, "-")) && isatty(STDOUT_FILENO);
}

int cmd_open_output(void)
{
	fd = STDOUT_FILENO;
	if (!common.output || strcmp(common.output, "-") == 0)
		return 0;
	fd = open(common.output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0) {
		fprintf(stderr, "%s: %s: %s\n", common.who, common.output, strerror(errno));
		return EXIT_ERROR;
	}
	return 0;
}

int cmd_write(void *ctx, const char *p, size_t n)
{
	(void)ctx;
	while (n) {
		ssize_t k = write(fd, p, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0) {
			write_errno = errno;
			return -1;
		}
		p += k;
		n -= (size_t)k;
	}
	return 0;
}

int cmd_write_failed(void)
{
	return write_errno != 0;
}

int cmd_write_status(int rc, const struct prof_err *err)
{
	if (rc != PROF_EIO || !write_errno)
		return rc ? cmd_error(NULL, err) : 0;
	if (write_errno == EPIPE)
		return EXIT_CLOSED_PIPE;
	fprintf(stderr, "%s: %s: %s\n", common.who,
		common.output ? common.output : "standard output", strerror(write_errno));
	return EXIT_ERROR;
}

static int write_page(
	const struct prof_report *r, prof_write_fn *write, void *ctx, struct prof_err *e)
{
	return prof_report_html(r, NULL, write, ctx, e);
}

int cmd_write_report(const struct prof_report *r)
{
	static int (*const writers[])(const struct prof_report *r, prof_write_fn *write, void *ctx,
		struct prof_err *e) = {[FORMAT_TEXT] = prof_report_text,
		[FORMAT_DOT] = prof_report_dot,
		[FORMAT_HTML] = write_page,
		[FORMAT_JSON] = prof_report_json,
		[FORMAT_MARKDOWN] = prof_report_markdown,
		[FORMAT_CSV] = prof_report_csv,
		[FORMAT_SVG] = prof_report_svg};
	struct prof_err err = {0};

	return cmd_write_status(writers[cmd_format()](r, cmd_write, NULL, &err), &err);
}

void cmd_write_text(const char *s)
{
	(void)!cmd_write(NULL, s, strlen(s)); /* the report behind it will tell */
}

int cmd_close_output(void)
{
	if (fd != STDOUT_FILENO && close(fd) != 0) {
		fprintf(stderr, "%s: %s: %s\n", common.who, common.output, strerror(errno));
		return EXIT_ERROR;
	}
	fd = STDOUT_FILENO;
	return 0;
}

int cmd_put_report(struct prof_report *r)
{
	int status = cmd_open_output(), closed;

	if (!status) {
		status = cmd_write_report(r);
		closed = cmd_close_output();
		if (!status)
			status = closed;
	}
	prof_report_free(r);
	return status;
}
