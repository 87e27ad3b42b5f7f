# What can be saved is, and what cannot is told; status 4, or 1 where nothing is left.
head -c 2000 $TESTDATA/annotations.trace >cut
prof trace summary cut; echo "$?"
prof trace summary --json cut 2>/dev/null | json damage.0.offset damage.0.what
head -c 16 $TESTDATA/annotations.trace >header
prof trace summary header; echo "$?"
head -c 10 $TESTDATA/annotations.trace >short
prof trace summary short; echo "$?"
prof trace summary -q cut >/dev/null; echo "$?"
gzip -c $TESTDATA/annotations.trace | head -c 900 >cut.gz
prof trace summary --json cut.gz | json damage.0.what; echo "${PIPESTATUS[0]}"
printf 'go 1.99 trace\0\0\0' >new
prof trace summary new; echo "$?"
prof trace summary $TESTDATA/contend.mutex.pb.gz; echo "$?"
