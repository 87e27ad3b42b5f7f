# A real file passes with limits that are just large enough; each limit has its say.
f=$TESTDATA/nethttp.mem.pb.gz
n=$(gzip -dc $f | wc -c)
prof top -n 1 --limit=inflated=$n $f | tail -1
prof top -n 1 --limit inflated=1m --limit memory=64MiB --limit strings=4K --limit string=1KB $f | tail -1
run() { prof top -n 1 "$@" $f; echo "$?: $*"; }
run --limit=inflated=$((n - 1))
run --limit=strings=100
run --limit=string=10
run --limit=memory=100K
run --limit=memory=1
