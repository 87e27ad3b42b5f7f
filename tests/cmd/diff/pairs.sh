# What processes did between two snapshots. heap FILE STARTUP F G: objects of 1 KiB so far; each starts up
# with another amount, which would hide that main.f does 30 % more.
sample() { echo "2{1[$1] 2[$2 $(($2 * 1024)) $(($2 / 10)) $(($2 / 10 * 1024))] 3{1:4 3:1024}}"; }
heap() {
	wire '1{1:1 2:2}' '1{1:3 2:4}' '1{1:5 2:2}' '1{1:6 2:4}' "$(sample 1 $2)" "$(sample 2 $3)" "$(sample 3 $4)" \
		'4{1:1 4{1:1}}' '4{1:2 4{1:2}}' '4{1:3 4{1:3}}' '5{1:1 2:8}' '5{1:2 2:9}' '5{1:3 2:10}' \
		'6""' '6"alloc_objects"' '6"count"' '6"alloc_space"' '6"bytes"' '6"inuse_objects"' '6"inuse_space"' \
		'6"space"' '6"main.startup"' '6"main.f"' '6"main.g"' '11{1:7 2:4}' '12:524288' '14:6' >$1
}
for i in 1 2 3; do
	heap old.$i.0 $((900000 + i * 500000)) 100000 100000
	heap old.$i.1 $((900000 + i * 500000)) $((600000 + i * 1000)) 2100000
	heap new.$i.0 $((3000000 - i * 500000)) 50000 400000
	heap new.$i.1 $((3000000 - i * 500000)) $((700000 - i * 1000)) 2400000
done
echo '== ends alone'
profdiff --sample_index=alloc_space old.?.1 --new new.?.1 | head -n 1
echo '== pairs: what counts from the start, though the default is state'
profdiff --pairs old.?.? --new new.?.?
profdiff --pairs --folded old.?.? --new new.?.?
profdiff --pairs --fail-on 'alloc_space.func:main.f>20%' old.?.? --new new.?.? >/dev/null; echo "$?"
echo '== no pairs'
profdiff --pairs old.1.1 old.1.0 --new new.1.0 new.1.1; echo "$?"
profdiff --pairs --sample_index=inuse_space old.?.? --new new.?.?; echo "$?"
profdiff --pairs old.?.? new.1.0 --new new.?.?; echo "$?"
echo '== a real one'
t=$TESTDATA/contend.mutex
profdiff --pairs $t.t0.pb.gz $t.t1.pb.gz --new $t.t0.pb.gz $t.t1.pb.gz | sed -n '1p;3,4p'
