# What captures hold, meddled with: an error, or the same as before, never a crash or another number; verify finds it.
gzip -dc testdata/leaky.goroutine.t{0,1}.debug2.txt.gz >two.txt
head -c 40000 testdata/gc.trace >cut.trace
prof archive add -q --full n.db testdata/annotations.trace cut.trace two.txt testdata/ring.heap.t0.debug1.txt.gz testdata/gc.trace.log 2>/dev/null
reports() { # of an archive, with their statuses
	for command in 'trace summary' contention top leak gc; do prof $command $1:2; echo "${command#* } $?"; done
	prof leak $1:4; echo "leak $?"; prof gc $1:5; echo "gc $?"
	for t in goroutines regions gc_cycles pauses metrics damages transitions 'transitions WHERE profile = 2 AND goroutine = 1' \
		'transitions WHERE actor > 0 AND t_ns BETWEEN 1000000 AND 2000000'; do
		prof sql $1 "SELECT * FROM $t"; echo "sql $?"
	done
	prof archive trend --metric=goroutines --all $1 1,2; echo "trend $?"
} 2>&1
reports n.db >good; grep -c ' 0$' good
# Each report as a block of its own: one that ends well says what it said.
check() { # what was done
	reports bad.db >bad; sed -i 's/bad[.]db/n.db/' bad
	perl -e '
		my ($good, $bad) = map { open my $f, "<", $_ or die; local $/; [split /^(\w+ \d+)\n/m, <$f>] } "good", "bad";
		for (my $i = 0; $i + 1 < @$good; $i += 2) {
			my $status = $bad->[$i + 1] =~ s/\w+ //r;
			print "$ARGV[0]: $bad->[$i + 1]\n" if $status !~ /^[014]$/;
			print "$ARGV[0]: another $bad->[$i + 1]\n" if $status =~ /^[04]$/ && $bad->[$i] ne $good->[$i];
		}' "$1"
	prof archive verify -q bad.db >verify 2>&1; status=$?
	[ $status = 0 ] && [ "${2-}" != harmless ] && echo "$1: verify finds nothing"
	[ $status -gt 4 ] && echo "$1: verify $status"
	rm -f bad.db*
}
# Flipped bytes, in all of the file.
step=7001
[ -z "$SAN" ] || step=49999
for ((at = 100; at < $(stat -c %s n.db); at += step)); do
	cp n.db bad.db
	printf "\\$(printf %o $(($(od -An -tu1 -j $at -N1 n.db) ^ 255)))" | dd of=bad.db bs=1 seek=$at conv=notrunc status=none
	check "byte $at" harmless
done
# Values that rows cannot have, parts that are not there, or elsewhere.
for change in "UPDATE capture SET kind = 'nothing', damages = -1" 'UPDATE capture SET row_count = 0' 'DELETE FROM capture_data WHERE part = 6' \
	'DELETE FROM capture_data WHERE part = 7' 'UPDATE capture_data SET data = (SELECT data FROM capture_data WHERE part = 6 AND profile = 1) WHERE part = 6' \
	'DELETE FROM capture_data WHERE part = 29' \
	'UPDATE capture_data SET place = -1 - place WHERE part = 29' \
	'DELETE FROM capture_data WHERE part = 1' 'DELETE FROM capture_data WHERE part = 5' \
	'UPDATE capture_data SET part = part + 100' 'UPDATE capture_data SET place = place + 1' "UPDATE capture_data SET data = x'00'" \
	'UPDATE capture_data SET data = zeroblob(100000)' \
	'DROP TABLE capture_data'; do
	cp n.db bad.db
	prof sql --write bad.db "$change" >/dev/null 2>&1 || echo "$change: $?"
	cmp -s n.db bad.db && echo "$change: nothing done"
	check "$change"
done
echo done
