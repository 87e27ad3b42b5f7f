f=$TESTDATA/contend.mutex.pb.gz
prof convert $f; echo "$?"
prof convert -o - $f; echo "$?"
prof convert -o what.txt $f; echo "$?"
prof convert -o .json $f; echo "$?"
prof convert --to=xml $f; echo "$?"
prof convert --to=csv; echo "$?"
prof convert --to=csv $f $f; echo "$?"
prof convert --to=csv nothing; echo "$?"
# A file stays as it was when there is nothing to write.
echo mine >keep.folded
prof convert -o keep.folded --sample_index=9 $f; echo "$?"
cat keep.folded
for end in pb.gz pb pprof folded collapsed speedscope.json json csv; do
	prof convert -o out.$end $f && echo "$end $(head -c 3 out.$end | od -An -c)"
done
cmp out.folded out.collapsed && cmp out.pb.gz out.pprof
prof convert --to=csv -o out.json $f && cmp out.json out.csv
prof convert --to=pprof $f | cmp - out.pb.gz
prof convert -o /dev/full --to=csv $f; echo "$?"
prof convert --to=json $f >/dev/full; echo "$?"
