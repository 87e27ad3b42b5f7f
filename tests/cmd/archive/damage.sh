# A flipped byte anywhere is an error or does no harm: reports never show another number.
prof archive add -q n.db testdata/leaky.heap.t0.pb.gz testdata/leaky.heap.t3.pb.gz testdata/contend.mutex.pb.gz >/dev/null
prof top n.db:2 >top
prof archive ls n.db >ls
sql='select name, flat, cum from prof_top(2) union all select name, 0, 0 from prof_functions union all
	select leaf, value, node from prof_samples(3)'
prof sql n.db "$sql" >sql
size=$(stat -c %s n.db)
flip() { # offset
	cp n.db bad.db
	printf "\\$(printf %o $(($(od -An -tu1 -j "$1" -N1 n.db) ^ 255)))" | dd of=bad.db bs=1 seek="$1" conv=notrunc status=none
}
wrong=0 found=0 verified=0
# 120 bytes; fewer under sanitizers, which make each step twenty times as long.
step=$((size / 120))
[ -z "$SAN" ] || step=$((size / 30))
for ((at = 7; at < size; at += step)); do
	flip $at
	prof top bad.db:2 >got 2>err; status=$?
	if [ $status = 0 ] && ! cmp -s got top; then wrong=$((wrong + 1)); echo "top: wrong at $at"; fi
	if [ $status = 0 ] || [ $status = 1 ]; then :; else echo "top: status $status at $at"; fi
	prof archive ls bad.db >got 2>err2; s=$?
	if [ $s = 0 ] && ! cmp -s got ls; then wrong=$((wrong + 1)); echo "ls: wrong at $at"; diff got ls; fi
	if [ $((at / step % 4)) = 0 ]; then
		prof sql bad.db "$sql" >got 2>err2; s=$?
		if [ $s = 0 ] && ! cmp -s got sql; then wrong=$((wrong + 1)); echo "sql: wrong at $at"; diff got sql | head -3; fi
	fi
	prof archive verify -q bad.db >got 2>err2; v=$?
	if [ $status != 0 ] && [ $v = 0 ]; then echo "verify: nothing wrong at $at"; cat err; fi
	[ $status = 0 ] || found=$((found + 1))
	[ $v = 0 ] || verified=$((verified + 1))
	rm -f bad.db*
done
[ $found -gt 1 ] && [ $verified -gt $found ] && echo "wrong: $wrong"
# A file that ends early.
for n in 50 1000 2048 10000; do
	head -c $n n.db >bad.db
	prof top bad.db:2 >/dev/null 2>err; echo "$n: status $?"
done
# The last byte may be one that nobody needs.
head -c $((size - 1)) n.db >bad.db
if prof top bad.db:2 >got 2>err; then cmp got top; else grep -c damaged err >/dev/null || cat err; fi
