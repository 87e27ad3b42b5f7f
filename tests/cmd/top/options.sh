# Ways to write an option, all the same report.
f=$TESTDATA/checkout.before.cpu.pb.gz
prof top --cum --nodecount=3 --sample_index=samples $f | tee want
while read -r args; do
	prof $args >got && cmp want got && echo "same: prof ${args/$f/FILE}"
done <<END
top -cum -nodecount=3 -sample_index=samples $f
top -cum -nodecount 3 -sample_index samples $f
top --cum --nodecount 3 --sample-index samples $f
top $f --cum --nodecount 3 --sample-index=samples
top --cum -n 3 --sample_index=0 -- $f
top --cum=true -n=3 --sample_index=samples $f
top --flat --cum --no-flat -n 3 --sample_index=samples $f
-top -cum -nodecount=3 -sample_index=samples $f
--top -cum -nodecount=3 -sample_index=samples $f
-cum -nodecount=3 -top -sample_index=samples $f
-text -cum -nodecount=3 -sample_index=samples $f
text -cum -nodecount=3 -sample_index=samples $f
END
prof top -n 3 --sample_index=samples $f >want
for off in --no-cum --cum=false --cum=0 -cum=f '--cum --no-cum' --flat; do
	prof top $off -n 3 --sample_index=samples $f | cmp - want && echo "off: $off"
done
# pprof refuses these, too.
prof top --cum --flat $f; echo "$?"
prof top --files --lines $f; echo "$?"
