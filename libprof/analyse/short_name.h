/* Names as pprof shortens them for a picture: Go's without the path of their package and without a
 * module's version in it, Java's and C++'s without packages and namespaces.
 *
 *	github.com/google/pprof/v3/internal/graph.(*Node).FlatValue	graph.(*Node).FlatValue
 *	java.util.Map.get(Object)					Map.get
 *	absl::base::Thing::Run<int>					Thing::Run<int>
 */
#ifndef PROF_ANALYSE_SHORT_NAME_H
#define PROF_ANALYSE_SHORT_NAME_H

#include "libprof/base/buf.h"

/* Appends it to b. */
void prof_short_name(struct prof_str name, struct prof_buf *b);

#endif
