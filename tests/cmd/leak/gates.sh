f=testdata/leaky.goroutine.t
prof leak -q --fail-on=leaking $f[0-3].pb.gz >/dev/null; echo "leaking $?"
prof leak -q --fail-on=leaked $f[0-3].pb.gz >/dev/null; echo "leaked, and profiles do not tell $?"
prof leak -q --fail-on=leaked $f[0-3].debug2.txt.gz >/dev/null; echo "leaked $?"
prof leak -q --fail-on=leaking ${f}3.debug2.txt.gz >/dev/null; echo "leaked counts as leaking $?"
prof leak -q --fail-on=stuck $f[0-3].pb.gz >/dev/null; echo "stuck $?"
prof leak --fail-on=leaking ${f}3.pb.gz >/dev/null; echo "one snapshot $?"
prof leak -q --fail-on=leaking --ignore='main\.leak' $f[0-3].pb.gz >/dev/null; echo "ignored $?"
printf '# known\nmain\\.leakSend\n\nmain.leak(Ticker|Wait)\n' >known
prof leak -q --fail-on=leaking --ignore-file=known $f[0-3].pb.gz >/dev/null; echo "from a file $?"
for gate in leaking 'leaking > 1000' 'leaking:leakSend>500' 'leaking:leakWait|leakTicker>=176' 'any:worker>7' 'any<1' stuck; do
	prof leak --fail-on="$gate" $f[0-3].pb.gz | grep '^gate'; echo "${PIPESTATUS[0]}"
done
prof leak --fail-on='any>700' ${f}3.pb.gz | grep '^gate'; echo "${PIPESTATUS[0]}"
prof leak --on-inconclusive=warn --fail-on=leaking ${f}3.pb.gz | grep '^gate'; echo "${PIPESTATUS[0]}"
prof leak --json --warn-on=leaking --fail-on=leaked $f[0-3].pb.gz | grep '"gates"'; echo "${PIPESTATUS[0]}"
prof leak --fail-on=big $f[0-3].pb.gz; echo "$?"
prof leak --fail-on='leaking>1%' $f[0-3].pb.gz; echo "$?"
prof leak --fail-on='leaking:(' $f[0-3].pb.gz; echo "$?"
prof leak --every=soon $f[0-3].pb.gz; echo "$?"
prof leak --by=colour $f[0-3].pb.gz; echo "$?"
prof leak --ignore='(' $f[0-3].pb.gz; echo "$?"
prof leak --ignore-file=none $f[0-3].pb.gz; echo "$?"
prof leak; echo "$?"
prof leak testdata/leaky.heap.t0.pb.gz; echo "$?"
echo 'just text' >text
prof leak text; echo "$?"
