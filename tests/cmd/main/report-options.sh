# A report as an option, as people write for pprof.
f=$TESTDATA/contend.mutex.pb.gz
for report in top text tree traces tags raw comments callgrind; do
	prof -$report $f | cmp - <(prof $report $f) && echo "-$report"
	prof -cum=false --$report -nodecount=2 $f | cmp - <(prof $report -n 2 $f) && echo "--$report"
done
prof -tree -cum $f | cmp - <(prof tree --cum $f)
prof -cum -tree -o got $f && cmp got <(prof tree --cum $f)
