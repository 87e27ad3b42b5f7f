# What several profiles of an archive make together is what their files make: of one build, of several.
snapshots=$(echo testdata/leaky.goroutine.t?.pb.gz) heaps=$(echo testdata/leaky.heap.t?.pb.gz)
cpus='testdata/checkout.before.cpu.pb.gz testdata/checkout.after.cpu.pb.gz'
time=1700000000
for f in $snapshots $heaps $cpus testdata/checkout.before.cpu.pb.gz; do
	prof archive add -q --time $((time += 86400)) -l file=${f//[^a-z0-9]/-} n.db $f >/dev/null
done
both() {
	local query=$1
	shift
	for report in top 'top --lines' 'top --addresses' 'top --by=file' 'tree --cum' 'peek main' 'flame --html' traces; do
		prof $report n.db:$query >a 2>&1
		prof $report "$@" >b 2>&1
		diff -q a b >/dev/null && echo "$query, $report: same" || { echo "$query, $report: differ"; diff a b | head -5; }
	done
	prof merge -o a n.db:$query && prof merge -o b "$@" && cmp a b && echo "$query, merge: same bytes"
}
both type=goroutine $snapshots
both type=heap $heaps
both type=cpu $cpus
