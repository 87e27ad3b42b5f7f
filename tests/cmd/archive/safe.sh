# What is killed loses at most its batch, and the next run goes on; writers wait for one another;
# readers see whole batches; a full disk is an error; read-only media can be read.
mkdir files
for ((i = 0; i < 900; i++)); do
	printf 'main;a%d;b%d %d\nmain;c 1\n' $((i % 50)) $((i % 7)) $((i + 1)) >files/$i.folded
done
# Traces, logs and dumps among them, of four writers.
i=0
for f in testdata/{annotations,gc,pipe}.trace testdata/piles.*.trace.gz testdata/{gc.trace,gcpace.*}.log \
	testdata/leaky.goroutine.t?.debug2.txt.gz; do
	cp "$f" files/$((i * 100)).$((i % 4)).capture
	i=$((i + 1))
done

# Killed at any moment.
RANDOM=7
for ((k = 0; k < 8; k++)); do
	prof archive add -q --full n.db files >/dev/null 2>&1 &
	pid=$!
	sleep 0.$((RANDOM % 4))$((RANDOM % 10))
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	[ ! -e n.db ] || prof archive verify n.db >v 2>&1 || { [ ! -s n.db ] || grep -v 'not an archive' v; }
done
prof archive add -q --full n.db files >/dev/null; echo "status $?"
prof archive ls --json n.db | grep -c '^{"id"'
prof archive verify n.db
ls n.db*
prof top n.db:type=samples | head -2
prof sql n.db "SELECT kind, count(*) AS n FROM capture GROUP BY 1"
prof trace summary n.db:source=files/100.1.capture | cmp - <(prof trace summary testdata/gc.trace) && echo summary

# Four writers, and readers meanwhile.
for w in 0 1 2 3; do
	prof archive add -q --full -j 1 w.db files/*$w.folded files/*.$w.capture files/*$((w + 4)).folded >/dev/null || echo "writer: $?" &
	writers="$writers $!"
done
for r in 1 2; do
	(for ((i = 0; i < 15; i++)); do
		[ ! -s w.db ] || prof archive ls w.db >/dev/null 2>err$r || grep -v 'not an archive' err$r
		[ ! -s w.db ] || prof top w.db:latest,type=samples >/dev/null 2>err$r || grep -v 'not an archive\|no profile' err$r
	done) &
done
wait
prof archive add -q --full w.db files >/dev/null
prof archive ls --json w.db | grep -c '^{"id"'
prof archive verify w.db
ls w.db*

# A full disk: what was in it stays.
prof archive add -q f.db testdata/contend.mutex.pb.gz >/dev/null
(
	ulimit -f $(($(stat -c %s f.db) / 1024 + 16))
	trap '' XFSZ
	prof archive add -q f.db testdata/checkout.{before,after}.{cpu,allocs}.pb.gz testdata/nethttp.mem.pb.gz >/dev/null
)
echo "status $?"
prof archive verify f.db
prof archive ls --json f.db | grep -c '^{"id"'
prof archive add -q f.db testdata/checkout.{before,after}.{cpu,allocs}.pb.gz testdata/nethttp.mem.pb.gz; echo "status $?"
ls f.db*
prof archive add -q g.db testdata/gcpace.gogc50.log >/dev/null
(
	ulimit -f 16 # a log of 16 KB
	trap '' XFSZ
	prof archive add -q --full g.db testdata/piles.go1.2{2,7}.trace.gz testdata/gc.trace.log testdata/gcpace.gogc100.log >/dev/null
)
echo "status $?"
prof archive verify g.db
prof sql g.db "SELECT count(*) AS captures FROM capture; SELECT count(*) AS transitions FROM transitions"
prof archive add -q --full g.db testdata/piles.go1.2{2,7}.trace.gz; echo "status $?"
prof archive verify g.db

# A file in write-ahead mode on read-only media; without that here, the same by hand.
prof archive add -q --journal=delete r.db testdata/contend.mutex.pb.gz
mkdir ro && cp r.db ro/r.db
printf '\002\002' | dd of=ro/r.db bs=1 seek=18 conv=notrunc status=none # as a writer that was killed leaves it
ro='prof top ro/r.db:1'
unshare -rm sh -c 'mount --bind ro ro && mount -o remount,bind,ro ro' 2>/dev/null &&
	ro="unshare -rm sh -c 'mount --bind ro ro && mount -o remount,bind,ro ro && prof top ro/r.db:1'"
eval "$ro" | head -3
