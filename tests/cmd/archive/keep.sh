# tag, prune, verify, stats.
for i in 1 2 3 4 5 6; do
	printf 'main;f%d %d\nmain;g 7\n' $i $i >x.folded
	prof archive add -q --time 2026-0$i-01 --label n=$i --label service=a n.db x.folded
	prof archive add -q --time 2026-0$i-01 --label n=$i n.db x.folded testdata/leaky.goroutine.t0.pb.gz
done >/dev/null
prof archive ls n.db
prof archive tag n.db n=3,service=a n= rev=r3 service=b; echo "status $?"
prof archive show n.db 4
prof archive ls n.db service=b | wc -l
prof archive tag n.db n=77 x=y; echo "status $?"
prof archive tag n.db all x; echo "status $?"
for o in --keep=60d '--keep=10d --keep-monthly=100d' --keep-weekly=1y --keep=x; do
	echo "$o: $(prof archive prune --dry-run $o n.db; echo "status $?")"
done
prof top n.db:6 >before
prof archive prune --keep=70d n.db service!=leaky; echo "status $?"
prof archive ls n.db
prof top n.db:6 | cmp - before && echo same
prof archive verify n.db; echo "status $?"
prof archive verify --json n.db
printf 'main;f%d %d\nmain;g 7\n' 1 1 >x.folded
prof archive add --time 2026-01-01 --label service=a n.db x.folded # may come back
prof archive prune --json --keep=0s n.db service=nosuch
prof archive verify n.db; echo "status $?"
prof archive stats --json n.db | grep -c bytes
ls
# What has no time goes only when it is named.
echo 'main;untimed 1' >x.folded
prof archive add -q --label service=a n.db x.folded
prof archive prune --keep=1s n.db service=a; echo "status $?"
prof archive ls n.db service=a | tail -n +2
prof archive prune --keep=none n.db; echo "status $?"
prof archive prune --keep=none --keep-weekly=1y n.db all; echo "status $?"
prof archive prune --journal=delete --keep=none n.db service=a; echo "status $?"
prof archive ls n.db service=a | tail -n +2
prof archive tag --journal=delete n.db all host=h1
# Room that was left free is given back also where nothing goes.
prof sql --write n.db 'CREATE TABLE x AS SELECT randomblob(100000) AS b; DROP TABLE x' >/dev/null
large=$(stat -c %s n.db); prof archive prune --keep=9y n.db; [ $(stat -c %s n.db) -lt $((large - 90000)) ] && echo smaller
prof archive verify n.db
