# A trace alone shows what piles up in it; its end is a snapshot among others.
for v in 1.22 1.27; do
	prof leak -v testdata/piles.go$v.trace.gz
done
prof leak --stuck=2s --fail-on=stuck testdata/piles.go1.27.trace.gz >/dev/null
echo "stuck: $?"
zcat testdata/piles.go1.27.trace.gz | head -c 15000 >cut
prof leak cut
