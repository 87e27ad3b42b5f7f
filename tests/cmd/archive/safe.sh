# What is killed loses at most its batch, and the next run goes on; writers wait for one another;
# readers see whole batches; a full disk is an error; read-only media can be read.
mkdir files
for ((i = 0; i < 900; i++)); do
	printf 'main;a%d;b%d %d\nmain;c 1\n' $((i % 50)) $((i % 7)) $((i + 1)) >files/$i.folded
done

# Killed at any moment.
RANDOM=7
for ((k = 0; k < 8; k++)); do
	prof archive add -q n.db files >/dev/null 2>&1 &
	pid=$!
	sleep 0.$((RANDOM % 4))$((RANDOM % 10))
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	[ ! -e n.db ] || prof archive verify n.db >v 2>&1 || { [ ! -s n.db ] || grep -v 'not an archive' v; }
done
prof archive add -q n.db files >/dev/null; echo "status $?"
prof archive ls --json n.db | grep -c '^{"id"'
prof archive verify n.db
ls n.db*
prof top n.db:all | head -2

# Four writers, and readers meanwhile.
for w in 0 1 2 3; do
	prof archive add -q -j 1 w.db files/*$w.folded files/*$((w + 4)).folded >/dev/null || echo "writer: $?" &
	writers="$writers $!"
done
for r in 1 2; do
	(for ((i = 0; i < 15; i++)); do
		[ ! -s w.db ] || prof archive ls w.db >/dev/null 2>err$r || grep -v 'not an archive' err$r
		[ ! -s w.db ] || prof top w.db:latest >/dev/null 2>err$r || grep -v 'not an archive\|no profile' err$r
	done) &
done
wait
prof archive add -q w.db files >/dev/null
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

# A file in write-ahead mode on read-only media; without that here, the same by hand.
prof archive add -q --journal=delete r.db testdata/contend.mutex.pb.gz
mkdir ro && cp r.db ro/r.db
printf '\002\002' | dd of=ro/r.db bs=1 seek=18 conv=notrunc status=none # as a writer that was killed leaves it
ro='prof top ro/r.db:1'
unshare -rm sh -c 'mount --bind ro ro && mount -o remount,bind,ro ro' 2>/dev/null &&
	ro="unshare -rm sh -c 'mount --bind ro ro && mount -o remount,bind,ro ro && prof top ro/r.db:1'"
eval "$ro" | head -3
