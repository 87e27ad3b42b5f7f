f=$TESTDATA/annotations.trace
prof trace goroutines "$f"
prof trace goroutines --by goroutine --sort waiting -n 3 "$f"
prof trace goroutines --by goroutine --sort=waiting --json "$f" | json rows.0.goroutine rows.0.block rows.0.ended goroutines
prof trace goroutines --json "$f" | json rows.0.function rows.0.what rows.0.system rows.0.total_ns functions
prof trace goroutines --from 1ms --to 1.2ms "$f" | head -3
# Sums of all goroutines are the summary's.
prof trace goroutines --json "$f" >doc
prof trace summary --json "$f" | json goroutine_state_ns.Running goroutine_state_ns.Waiting
perl -MJSON::PP -e 'local $/; $s{$_->{what}} += $_->{total_ns} for @{decode_json(<>)->{rows}};
	print "running $s{running}, waiting $s{waiting}\n"' doc
head -c 2000 "$f" >cut
prof trace goroutines -n 1 cut; echo "$?"
