# pprof's options from before sample_index; its binary before the file; its own -symbolize.
h=$TESTDATA/leaky.heap.t3.pb.gz m=$TESTDATA/contend.mutex.pb.gz
for type in inuse_space inuse_objects alloc_space alloc_objects; do
	prof -top -$type $h | cmp - <(prof top --sample_index=$type $h) && echo $type
done
prof top -contentions $m | cmp - <(prof top --sample_index=contentions $m)
prof top -total_delay $m | cmp - <(prof top --sample_index=delay $m)
prof top -mean_delay $m | cmp - <(prof top --sample_index=delay --mean $m)
prof top -inuse_space $m; echo "$?"
prof -top -symbolize=none $PROF $h | tail -n +2 | cmp - <(prof top $h | tail -n +2)
prof top $PROF $h $h | tail -n +2 | cmp - <(prof top $h $h | tail -n +2)
prof top $h $PROF 2>&1 | sed "s,$PROF,BINARY,"

# --sample_index wins over them, and the first that pprof looks at over the others.
prof top -inuse_space --sample_index=alloc_space $h | cmp - <(prof top --sample_index=alloc_space $h)
prof top -alloc_space -inuse_objects $h | cmp - <(prof top --sample_index=inuse_objects $h)
prof top --sample_index=' 1' $h; echo "$?"

# What pprof writes into the profile before it reports.
prof top -add_comment='two bytes: a tab	b' -buildid=ff $PROF $h | sed "s,${PROF##*/},BINARY," | head -n 4
prof -comments --add_comment=nightly $h

# Nothing to do for files.
prof top -seconds 5 -timeout=9 -tools=/x -intel_syntax --base= $h | cmp - <(prof top $h)
