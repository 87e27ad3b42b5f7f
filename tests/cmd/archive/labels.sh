# Labels and times from paths; queries.
for i in 1 2 3; do
	mkdir -p runs/2026-01-0$i
	prof convert -o runs/2026-01-0$i/r$i.pb testdata/leaky.goroutine.t0.pb.gz
	printf 'a;b %d\n' $i >runs/2026-01-0$i/x.folded
done
prof archive add -l service=shop --labels-from='(?P<time>[0-9-]{10})/(?P<rev>r[0-9])?' n.db runs
for q in all latest rev=r1 'rev!=r1,rev=' rev= since=2026-01-02 since=1d,until=2026-01-03 type=samples type=goroutine kind=samples kind!=samples kind=count type=count kind= \
	source=x.folded 2,4 service=shop,latest 'rev="r1"' build=74cd32d8 build=74c; do
	echo "$q: $(prof archive ls --json n.db "$q" | grep -o '^{"id": [0-9]*' | tr -dc '0-9\n' | tr '\n' ' ')"
done
for q in '' , a, =b '!=b' 'a="b' 'a="b"c' since=x; do
	prof archive ls n.db "$q"; echo "status $?"
done
prof top n.db:type=samples | tail -3
prof top n.db:type=samples,latest | tail -3
prof top n.db:nosuch=1; echo "status $?"
prof top n.db:17; echo "status $?"
prof top n.db:; echo "status $?"
prof archive add --labels-from='(?P<time>[a-z]+)' n.db runs/2026-01-01/x.folded testdata/contend.mutex.pb.gz; echo "status $?"
prof archive add --labels-from='(' n.db runs; echo "status $?"
prof archive add --label x n.db runs; echo "status $?"
prof archive add --time x n.db runs; echo "status $?"
# The newest of each service, and of its weeks, go by the label that it has now.
for i in 1 2 3 4; do prof archive add -q --time=2026-01-0$i l.db runs/2026-01-01/r1.pb runs/2026-01-01/x.folded >/dev/null; done
echo 'x;y 1' >y.folded
for i in 5 6 7 8; do prof archive add -q --time=2026-01-0$i l.db y.folded; done
prof archive tag l.db since=2026-01-05,until=2026-01-07 service=shop
prof archive ls l.db type=samples,latest
prof archive prune --dry-run --keep=0s --keep-monthly=60d l.db type=samples
# What it is, and what it has; a label goes before the column of its name.
prof archive add -q t.db testdata/annotations.trace testdata/checkout.after.cpu.pb.gz testdata/leaky.heap.t0.pb.gz
for q in type=cpu kind=cpu 'kind!=cpu' kind=trace type=sched kind=sched; do echo "$q: $(prof archive ls --json t.db "$q" | grep -o '^{"id": [0-9]*' | tr -dc '0-9\n' | tr '\n' ' ')"; done
prof archive tag t.db kind=heap kind=odd; prof archive ls t.db kind=odd; prof archive ls t.db kind=heap
