#include "cmd/cmd.h"

extern const struct cmd cmd_archive_add, cmd_archive_export, cmd_archive_ls, cmd_archive_show,
	cmd_archive_tag, cmd_archive_prune, cmd_archive_verify, cmd_archive_stats, cmd_callgrind,
	cmd_comments, cmd_convert, cmd_diff, cmd_flame, cmd_merge, cmd_proto, cmd_topproto,
	cmd_graph, cmd_help, cmd_info, cmd_list, cmd_peek, cmd_raw, cmd_tags, cmd_top,
	cmd_trace_summary, cmd_traces, cmd_tree;

/* In the order of help. */
const struct cmd *const cmds[] = {
	&cmd_info,
	&cmd_top,
	&cmd_tree,
	&cmd_peek,
	&cmd_list,
	&cmd_graph,
	&cmd_traces,
	&cmd_tags,
	&cmd_raw,
	&cmd_comments,
	&cmd_callgrind,
	&cmd_proto,
	&cmd_topproto,
	&cmd_flame,
	&cmd_trace_summary,
	&cmd_diff,
	&cmd_convert,
	&cmd_merge,
	&cmd_archive_add,
	&cmd_archive_ls,
	&cmd_archive_show,
	&cmd_archive_export,
	&cmd_archive_tag,
	&cmd_archive_prune,
	&cmd_archive_verify,
	&cmd_archive_stats,
	&cmd_help,
	NULL,
};
