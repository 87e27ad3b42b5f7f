# The collector, night by night: GOGC becomes 50 with the ninth build.
for ((i = 0; i < 16; i++)); do
	(cat testdata/gcpace.gogc$((i < 8 ? 100 : 50)).log; echo "night $i") >x.log
	prof archive add -q --time $((1767225600 + i * 86400)) -l rev=r$i -l service=shop n.db x.log >/dev/null
done
prof archive trend --metric=gc_cpu n.db
prof archive trend --metric=pause.p99 n.db since=2d
prof archive trend --metric=live --json n.db since=2d
# Goroutines of dumps, by the function that they were started with.
for ((i = 0; i < 4; i++)); do
	prof archive add -q --time $((1767225600 + i * 86400)) -l rev=r$i -l service=leaky n.db testdata/leaky.goroutine.t$i.debug2.txt.gz >/dev/null
done
prof archive trend --metric=goroutines n.db service=leaky
prof archive trend --metric=goroutines --func='^main[.]' --format=csv n.db service=leaky
# At the ends of traces.
prof archive add -q -l service=piles --time 2026-02-01 n.db testdata/piles.go1.22.trace.gz >/dev/null
prof archive add -q -l service=piles --time 2026-02-02 n.db testdata/piles.go1.27.trace.gz >/dev/null
prof archive trend --metric=goroutines --func='answer' n.db service=piles
prof archive trend --metric=gc_cpu n.db service=piles; echo "status $?"
prof archive trend --metric=goroutines n.db service=shop; echo "status $?"
prof archive trend --metric=live n.db; echo "status $?"
for o in --metric=nosuch --all --flat --package=x --format=svg '--func=('; do
	prof archive trend --metric=live $o n.db service=shop >/dev/null; echo "$o: $?"
done
