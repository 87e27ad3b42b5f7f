# A file that was kept is the one that was added, or it is told.
prof archive add -q --keep-raw n.db testdata/leaky.heap.t0.pb.gz testdata/gc.trace
for day in 20 21; do prof archive add -q --keep-raw --time=2026-11-$day n.db testdata/leaky.goroutine.t1.debug2.txt.gz; done
gzip -dc testdata/leaky.goroutine.t{0,1}.debug2.txt.gz >two.txt
prof archive add -q --keep-raw --time=2026-11-22 n.db two.txt
prof archive verify n.db
for id in 1 2 3 4 6; do prof archive export --raw n.db $id | sha256sum; done
prof archive prune -q --keep=none n.db 3; prof archive verify n.db; prof archive export --raw n.db 4 | cmp - testdata/leaky.goroutine.t1.debug2.txt.gz
for change in "data = CAST(substr(data, 1, 60000) || x'07' || substr(data, 60002) AS BLOB) WHERE profile = 2" "data = x'' WHERE profile = 2" \
	'data = (SELECT data FROM raw WHERE profile = 1) WHERE profile = 2'; do
	cp n.db bad.db; prof sql --write bad.db "UPDATE raw SET $change"
	prof archive export --raw bad.db 2 >file; echo "status $?, $(wc -c <file) bytes"
	prof trace summary bad.db:2; echo "status $?"
	prof trace events --from=1ms --to=2ms bad.db:2; echo "status $?"
	prof archive verify bad.db; echo "status $?"
done
