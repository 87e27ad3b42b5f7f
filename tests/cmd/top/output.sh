f=$TESTDATA/contend.mutex.pb.gz
prof top $f >want
prof top -o got $f && cmp want got
prof top --output=got $f && cmp want got
echo longer than the report was before >>got
prof top -o=got $f && cmp want got
prof top -o - $f | cmp want -
prof top --json $f >want.json
prof top -o got.json $f && cmp want.json got.json
prof top --format=text -o got.json $f && cmp want got.json
ls -l got | cut -c1-10
prof top -o none/got $f; echo "$?"
