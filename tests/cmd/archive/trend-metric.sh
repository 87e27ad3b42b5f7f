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
prof archive trend --metric=goroutines --all n.db service=leaky | sed 's/  *$//'
# One of the functions leaks from the ninth build on, another stops to be; the rest varies.
for ((i = 0; i < 16; i++)); do
	for ((k = 0; k < 20 + (i * 7 % 5) + (i < 8 ? 0 : 30); k++)); do
		f=leak
		((k < 20 + (i * 7 % 5))) && f=handle
		((k < 10)) && f=worker
		printf 'goroutine %d [chan receive]:\nmain.%s(...)\n\tshop/main.go:7\n\n' $((k + 10)) $f
	done >d.txt
	((i < 8)) && printf 'goroutine 900 [select]:\nmain.old(...)\n\tshop/main.go:7\n\n' >>d.txt
	prof archive add -q --time $((1767225600 + i * 86400)) -l rev=r$i -l service=pile n.db d.txt >/dev/null
done
prof archive trend --metric=goroutines --all n.db service=pile | sed 's/  *$//'
prof archive trend --metric=goroutines --all --json n.db service=pile | head -12
# At the ends of traces.
prof archive trend --metric=live --all n.db service=shop; echo "status $?"
prof archive add -q -l service=piles --time 2026-02-01 n.db testdata/piles.go1.22.trace.gz >/dev/null
prof archive add -q -l service=piles --time 2026-02-02 n.db testdata/piles.go1.27.trace.gz >/dev/null
prof archive trend --metric=goroutines --func='answer' n.db service=piles
prof archive trend --metric=goroutines --all n.db service=piles | sed 's/  *$//'
prof archive trend --metric=gc_cpu n.db service=piles; echo "status $?"
prof archive trend --metric=goroutines n.db service=shop; echo "status $?"
prof archive trend --metric=live n.db; echo "status $?"
for o in --metric=nosuch '--all --func=x' --flat --package=x --format=svg '--func=('; do
	prof archive trend --metric=goroutines $o n.db service=shop >/dev/null; echo "$o: $?"
done
